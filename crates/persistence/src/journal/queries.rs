//! The queries of the journal.

use diesel::{
    BoolExpressionMethods as _, Connection, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _, SelectableHelper as _,
};
use registration_domain::{
    Action, JournalEntry, JournalQuery, JournalRow, OperationId, StudentId, Subject,
};

use crate::{
    connection::session::DatabaseConnection,
    decode::{limit, time},
    journal::entries::{EntryRow, NewEntryRow, actor_number},
    registrations::writer::multi_insert,
    schema::{journal, journal_seals},
    search::index::LOOKED_UP,
};

type Backend = <DatabaseConnection as Connection>::Backend;

/// Adds entries.
pub(super) fn append(
    connection: &mut DatabaseConnection,
    entries: &[JournalEntry],
) -> QueryResult<()> {
    let rows = entries.iter().map(NewEntryRow::new).collect::<QueryResult<Vec<_>>>()?;
    multi_insert::insert!(journal::table, &rows, connection)
}

/// The numbers of the `count` newest entries of registrations, the oldest of them first.
pub(super) fn newest_registered(
    connection: &mut DatabaseConnection,
    count: usize,
) -> QueryResult<Vec<i64>> {
    let mut ids: Vec<i64> = journal::table
        .filter(journal::action.eq(Action::Registered.as_str()))
        .order(journal::id.desc())
        .limit(limit(count))
        .select(journal::id)
        .load(connection)?;
    ids.reverse();
    Ok(ids)
}

/// Some entries of registrations from this number on, in order: their numbers and public ids.
pub(super) fn registered_from(
    connection: &mut DatabaseConnection,
    first: i64,
    count: usize,
) -> QueryResult<Vec<(i64, Option<Vec<u8>>)>> {
    journal::table
        .filter(journal::id.ge(first))
        .filter(journal::action.eq(Action::Registered.as_str()))
        .order(journal::id)
        .limit(limit(count))
        .select((journal::id, journal::ids))
        .load(connection)
}

pub(super) type Row = (EntryRow, Option<i64>);

pub(super) fn row((entry, seal): Row) -> QueryResult<JournalRow> {
    Ok(JournalRow { id: entry.id, entry: entry.entry()?, seal })
}

/// The entries that a query asks for, the newest first.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    query: &JournalQuery,
) -> QueryResult<Vec<JournalRow>> {
    let mut entries = journal::table
        .left_join(journal_seals::table.on(journal_seals::journal_id.eq(journal::id)))
        .order(journal::id.desc())
        .limit(limit(query.limit))
        .select((EntryRow::as_select(), journal_seals::seq.nullable()))
        .into_boxed::<Backend>();
    if let Some(subject) = query.subject {
        entries = entries.filter(journal::subject.eq(subject.to_vec()));
    }
    if let Some(actor) = query.actor {
        let of_kind = journal::actor_kind.eq(actor_number(&actor));
        entries = match actor.id() {
            Some(id) => {
                entries.filter(of_kind.and(journal::actor.eq(id.to_vec())).assume_not_null())
            }
            None => entries.filter(of_kind.and(journal::actor.is_null())),
        };
    }
    if let Some(action) = query.action {
        entries = entries.filter(journal::action.eq(action.as_str()));
    }
    if let Some(operation) = query.operation {
        entries = entries.filter(journal::operation.eq(operation.as_bytes().to_vec()));
    }
    if let Some(from) = query.from {
        entries = entries.filter(journal::at.ge(time(from)));
    }
    if let Some(to) = query.to {
        entries = entries.filter(journal::at.lt(time(to)));
    }
    if let Some(before) = query.before {
        entries = entries.filter(journal::id.lt(before));
    }
    let rows: Vec<Row> = entries.load(connection)?;
    rows.into_iter().map(row).collect()
}

/// How many entries of an operation have this action.
pub(super) fn count(
    connection: &mut DatabaseConnection,
    operation: OperationId,
    action: Action,
) -> QueryResult<usize> {
    let count: i64 = journal::table
        .filter(journal::operation.eq(operation.as_bytes().as_slice()))
        .filter(journal::action.eq(action.as_str()))
        .count()
        .get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The entries about these students that say what of them was changed.
pub(super) fn changes(
    connection: &mut DatabaseConnection,
    students: &[StudentId],
) -> QueryResult<Vec<JournalEntry>> {
    let actions = [Action::Created, Action::StatusChanged, Action::Edited, Action::TaskMarked];
    let actions = actions.map(Action::as_str);
    let mut changes = Vec::with_capacity(students.len());
    for students in students.chunks(LOOKED_UP) {
        let subjects = students.iter().map(|id| id.as_bytes().as_slice());
        let rows: Vec<EntryRow> = journal::table
            .filter(journal::subject.eq_any(subjects))
            .filter(journal::action.eq_any(actions))
            .select(EntryRow::as_select())
            .load(connection)?;
        for row in rows {
            changes.push(row.entry()?);
        }
    }
    Ok(changes)
}

/// The newest entry about this subject with this action.
pub(super) fn last(
    connection: &mut DatabaseConnection,
    subject: &Subject,
    action: Action,
) -> QueryResult<Option<JournalRow>> {
    let found: Option<Row> = journal::table
        .left_join(journal_seals::table.on(journal_seals::journal_id.eq(journal::id)))
        .filter(journal::subject.eq(subject.as_slice()))
        .filter(journal::action.eq(action.as_str()))
        .order(journal::id.desc())
        .select((EntryRow::as_select(), journal_seals::seq.nullable()))
        .first(connection)
        .optional()?;
    found.map(row).transpose()
}
