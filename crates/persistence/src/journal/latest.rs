//! The latest changes of people.

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, QueryDsl as _,
    QueryResult, QueryableByName, RunQueryDsl as _, SelectableHelper as _, sql_types::BigInt,
};
use registration_domain::{Action, JournalRow, StaffId};

use crate::{
    connection::session::DatabaseConnection,
    journal::{entries::EntryRow, queries},
    schema::{journal, journal_seals},
    sql::Sql,
};

/// What is a change of students or of their checklists.
const CHANGES: [Action; 7] = [
    Action::Created,
    Action::Edited,
    Action::StatusChanged,
    Action::TaskCreated,
    Action::TaskEdited,
    Action::TaskDeleted,
    Action::TaskMarked,
];

#[derive(QueryableByName)]
struct Latest {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

/// Of each operation its last entry, with the number of all of them.
pub(super) fn changes(
    connection: &mut DatabaseConnection,
    people: &[StaffId],
    limit: usize,
) -> QueryResult<Vec<(JournalRow, usize)>> {
    let mut latest: Vec<Latest> = Vec::new();
    for person in people {
        latest.extend(of_person(person, limit).load::<Latest>(connection)?);
    }
    let rows: Vec<queries::Row> = journal::table
        .left_join(journal_seals::table.on(journal_seals::journal_id.eq(journal::id)))
        .filter(journal::id.eq_any(latest.iter().map(|one| one.id)))
        .order(journal::id.desc())
        .select((EntryRow::as_select(), journal_seals::seq.nullable()))
        .load(connection)?;
    let with_entries = |row| {
        let row = queries::row(row)?;
        let one = latest.iter().find(|one| one.id == row.id);
        let entries = one.map_or(1, |one| usize::try_from(one.entries).unwrap_or(1));
        Ok((row, entries))
    };
    rows.into_iter().map(with_entries).collect()
}

/// Reads a person's entries backwards, over those of an operation but its last.
fn of_person(person: &StaffId, limit: usize) -> Sql {
    let mut sql = Sql::new(
        "SELECT j.id AS id, CASE WHEN j.operation IS NULL THEN 1 ELSE \
         (SELECT COUNT(*) FROM journal AS o WHERE o.operation = j.operation) END AS entries \
         FROM journal AS j WHERE j.actor = ",
    );
    sql.bytes(*person.as_bytes()).push(" AND j.action IN (");
    for (index, action) in CHANGES.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).text(action.as_str());
    }
    sql.push(
        ") AND (j.operation IS NULL OR j.id = \
         (SELECT MAX(o.id) FROM journal AS o WHERE o.operation = j.operation)) \
         ORDER BY j.id DESC LIMIT ",
    );
    sql.integer(limit);
    sql
}
