//! The latest changes of people.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, QueryDsl as _,
    QueryResult, RunQueryDsl as _, SelectableHelper as _,
    dsl::{count_star, max},
};
use registration_domain::{Action, Actor, JournalRow, StaffId};

use crate::{
    connection::session::DatabaseConnection,
    journal::{
        entries::{EntryRow, actor_number},
        queries,
    },
    schema::{journal, journal_seals},
};

/// Entries that are looked at, the newest.
const LOOKED_AT: i64 = 10_000;

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

/// The number of an entry, its actor, and its operation.
type Change = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

/// Of each operation its last entry, with the number of all of them.
pub(super) fn changes(
    connection: &mut DatabaseConnection,
    limit: usize,
) -> QueryResult<Vec<(JournalRow, usize)>> {
    let newest: Option<i64> = journal::table.select(max(journal::id)).first(connection)?;
    let Some(newest) = newest else { return Ok(Vec::new()) };
    let changes: Vec<Change> = journal::table
        .filter(journal::id.gt(newest - LOOKED_AT))
        .filter(journal::actor_kind.eq(actor_number(&Actor::Staff(StaffId::from_bytes([0; 16])))))
        .filter(journal::action.eq_any(CHANGES.map(Action::as_str)))
        .order(journal::id.desc())
        .select((journal::id, journal::actor, journal::operation))
        .load(connection)?;
    let latest = latest(changes, limit);
    let rows: Vec<queries::Row> = journal::table
        .left_join(journal_seals::table.on(journal_seals::journal_id.eq(journal::id)))
        .filter(journal::id.eq_any(latest))
        .order(journal::id.desc())
        .select((EntryRow::as_select(), journal_seals::seq.nullable()))
        .load(connection)?;
    let rows = rows.into_iter().map(queries::row).collect::<QueryResult<Vec<_>>>()?;
    let operations = rows.iter().filter_map(|row| row.entry.operation);
    let operations: Vec<_> = operations.map(|id| id.as_bytes().to_vec()).collect();
    let counts: Vec<(Option<Vec<u8>>, i64)> = journal::table
        .filter(journal::operation.eq_any(operations))
        .group_by(journal::operation)
        .select((journal::operation, count_star()))
        .load(connection)?;
    let counts: HashMap<_, _> = counts.into_iter().collect();
    let with_count = |row: JournalRow| {
        let operation = row.entry.operation.map(|id| id.as_bytes().to_vec());
        let count = operation.and_then(|id| counts.get(&Some(id)).copied()).unwrap_or(1);
        (row, usize::try_from(count).unwrap_or(1))
    };
    Ok(rows.into_iter().map(with_count).collect())
}

/// The newest changes of each actor, one for each operation.
fn latest(changes: Vec<Change>, limit: usize) -> Vec<i64> {
    let mut seen = std::collections::HashSet::new();
    let mut of_actor: HashMap<_, usize> = HashMap::new();
    let mut is_latest = |(_, actor, operation): &Change| {
        if operation.as_ref().is_some_and(|operation| !seen.insert(operation.clone())) {
            return false;
        }
        let count = of_actor.entry(actor.clone()).or_default();
        *count += 1;
        *count <= limit
    };
    changes.into_iter().filter(|change| is_latest(change)).map(|(id, _, _)| id).collect()
}
