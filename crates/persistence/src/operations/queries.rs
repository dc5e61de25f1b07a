//! The queries of operations and of their students.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    QueryResult, RunQueryDsl as _, SelectableHelper as _, dsl::count_star,
};
use registration_domain::{Operation, OperationId, OperationItem, Outcome, RowId, Skip};

use super::rows::{self, ItemRow, OperationRow};
use crate::{
    connection::session::DatabaseConnection,
    decode::{limit, time, unreadable, version},
    error,
    locking::locked,
    registrations::writer::multi_insert,
    schema::{operation_items, operations},
    search::index::LOOKED_UP,
};

/// Students that one transaction changes: the locks of a server, and the one of SQLite's file, are held
/// shortly.
const fn chunk(connection: &DatabaseConnection) -> usize {
    match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => 500,
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => 200,
    }
}

/// Rows of one insert: a number whose statement is kept prepared.
const INSERTED: usize = 448;

macro_rules! items_of {
    ($id:expr) => {
        operation_items::table.filter(operation_items::operation.eq($id.as_bytes().as_slice()))
    };
}

macro_rules! row_of {
    ($id:expr) => {
        operations::table.filter(operations::id.eq($id.as_bytes().as_slice()))
    };
}

pub(super) fn insert(
    connection: &mut DatabaseConnection,
    operation: &Operation,
    items: &[OperationItem],
) -> QueryResult<()> {
    diesel::insert_into(operations::table)
        .values(OperationRow::new(operation))
        .execute(connection)?;
    let mut rows: Vec<_> = items.iter().map(|item| ItemRow::new(&operation.id, item)).collect();
    for rows in rows.chunks_mut(INSERTED) {
        // A student may have been erased since.
        multi_insert::insert!(operation_items::table, rows, connection)
            .map_err(error::or_conflict)?;
    }
    Ok(())
}

pub(super) fn find(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Option<Operation>> {
    let row: Option<OperationRow> =
        row_of!(id).select(OperationRow::as_select()).first(connection).optional()?;
    row.map(OperationRow::operation).transpose()
}

/// As [`find`], of a row that is locked.
pub(super) fn lock(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Option<Operation>> {
    let row: Option<OperationRow> =
        locked!(row_of!(id).select(OperationRow::as_select()), first, connection).optional()?;
    row.map(OperationRow::operation).transpose()
}

/// The next items without an outcome, of an operation that is locked: as they are committed last. And
/// whether they are the last.
pub(super) fn next(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<(Vec<OperationItem>, bool)> {
    let chunk = chunk(connection);
    let next = items_of!(id)
        .filter(operation_items::outcome.is_null())
        .order(operation_items::student_id)
        .limit(limit(chunk + 1))
        .select((operation_items::student_id, operation_items::version));
    let rows: Vec<(i64, i32)> = locked!(next, load, connection)?;
    let is_last = rows.len() <= chunk;
    let item = |(row, stored)| Ok(OperationItem { row: RowId(row), seen: version(stored)? });
    let items: QueryResult<_> = rows.into_iter().take(chunk).map(item).collect();
    Ok((items?, is_last))
}

pub(super) fn keep_outcomes(
    connection: &mut DatabaseConnection,
    id: OperationId,
    outcomes: &[(RowId, Outcome)],
) -> QueryResult<()> {
    let mut outcomes = outcomes.to_vec();
    outcomes.sort_unstable_by_key(|(row, outcome)| (*outcome, *row));
    for group in outcomes.chunk_by(|(_, one), (_, next)| one == next) {
        let outcome = rows::outcome_number(group[0].1);
        for group in group.chunks(LOOKED_UP) {
            let ids: Vec<_> = group.iter().map(|(RowId(id), _)| *id).collect();
            diesel::update(items_of!(id).filter(operation_items::student_id.eq_any(ids)))
                .set(operation_items::outcome.eq(outcome))
                .execute(connection)?;
        }
    }
    Ok(())
}

pub(super) fn finish(
    connection: &mut DatabaseConnection,
    id: OperationId,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let stopped = rows::outcome_number(Outcome::Skipped(Skip::Stopped));
    diesel::update(items_of!(id).filter(operation_items::outcome.is_null()))
        .set(operation_items::outcome.eq(stopped))
        .execute(connection)?;
    diesel::update(row_of!(id))
        .set((operations::finished_at.eq(time(now)), operations::note.eq(None::<String>)))
        .execute(connection)
        .map(drop)
}

pub(super) fn count_outcomes(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Vec<(Option<Outcome>, usize)>> {
    let counts: Vec<(Option<i16>, i64)> = items_of!(id)
        .group_by(operation_items::outcome)
        .select((operation_items::outcome, count_star()))
        .load(connection)?;
    let count = |(outcome, count): (Option<i16>, i64)| {
        let outcome = outcome.map(rows::outcome).transpose()?;
        Ok((outcome, usize::try_from(count).unwrap_or_default()))
    };
    counts.into_iter().map(count).collect()
}

pub(super) fn skipped(
    connection: &mut DatabaseConnection,
    id: OperationId,
    count: usize,
) -> QueryResult<Vec<(RowId, Skip)>> {
    let applied = rows::outcome_number(Outcome::Applied);
    let skipped = operation_items::outcome.gt(applied).and(operation_items::outcome.is_not_null());
    let skipped: Vec<(i64, Option<i16>)> = items_of!(id)
        .filter(skipped)
        .order(operation_items::student_id)
        .limit(limit(count))
        .select((operation_items::student_id, operation_items::outcome))
        .load(connection)?;
    let item = |(row, outcome): (i64, Option<i16>)| match outcome.map(rows::outcome).transpose()? {
        Some(Outcome::Skipped(skip)) => Ok((RowId(row), skip)),
        Some(Outcome::Applied) | None => Err(unreadable()),
    };
    skipped.into_iter().map(item).collect()
}

pub(super) fn unfinished(connection: &mut DatabaseConnection) -> QueryResult<Vec<OperationId>> {
    let ids: Vec<Vec<u8>> = operations::table
        .filter(operations::finished_at.is_null())
        .order(operations::id)
        .select(operations::id)
        .load(connection)?;
    ids.iter().map(|id| crate::decode::bytes(id).map(OperationId::from_bytes)).collect()
}
