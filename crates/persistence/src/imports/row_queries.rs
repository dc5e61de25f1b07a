//! The queries of the rows of imports.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _, SelectableHelper as _,
    dsl::count_star,
};
use registration_domain::{ClaimedLine, ImportRowQuery, OperationId, PlannedRow, RowId, Verdict};

use super::{
    import_row::{number, unsigned},
    planned_row::{CHANGED_SINCE, PlannedRowRow, verdict, verdict_number},
};
use crate::{
    connection::session::DatabaseConnection, decode::limit, locking::locked,
    registrations::writer::multi_insert, schema::import_rows, search::index::LOOKED_UP,
};

/// Rows that one transaction stores.
const fn chunk(connection: &DatabaseConnection) -> usize {
    match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => registration_domain::Import::MAX_ATOMIC,
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => 200,
    }
}

/// Students that one transaction changes: others may wait for them, and each takes several statements.
const CHANGED: usize = 250;

/// Rows of one insert: a number whose statement is kept prepared. Where their texts are long, fewer: a
/// statement stays below the smallest packet that servers allow.
const INSERTED: usize = 64;
const LONG: usize = 4 * 1024;
const LONG_INSERTED: usize = 8;

/// Lines whose rows one transaction deletes.
const DELETED: i32 = 5_000;

macro_rules! rows_of {
    ($id:expr) => {
        import_rows::table.filter(import_rows::import.eq($id.as_bytes().as_slice()))
    };
}

pub(super) fn insert(
    connection: &mut DatabaseConnection,
    id: OperationId,
    rows: &[PlannedRow],
) -> QueryResult<()> {
    let rows: Vec<_> = rows.iter().map(|row| PlannedRowRow::new(id, row)).collect();
    let is_long = rows.iter().any(|row| row.size() > LONG);
    for rows in rows.chunks(if is_long { LONG_INSERTED } else { INSERTED }) {
        multi_insert::insert!(import_rows::table, rows, connection)?;
    }
    Ok(())
}

pub(super) fn last_line(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Option<u32>> {
    let lines = rows_of!(id).order(import_rows::line.desc()).select(import_rows::line);
    let last: Option<i32> = lines.first(connection).optional()?;
    last.map(unsigned).transpose()
}

/// Deletes some of the rows; whether none is left.
pub(super) fn delete_some(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<bool> {
    let Some(last) = last_line(connection, id)? else { return Ok(true) };
    let from = number(last).saturating_sub(DELETED);
    diesel::delete(rows_of!(id).filter(import_rows::line.gt(from))).execute(connection)?;
    Ok(from <= 0)
}

pub(super) fn claimed(
    connection: &mut DatabaseConnection,
    id: OperationId,
    email_keys: &[String],
    students: &[RowId],
) -> QueryResult<Vec<ClaimedLine>> {
    type Row = (i32, Option<String>, Option<i64>, i16);
    const COLUMNS: (
        import_rows::line,
        import_rows::email_key,
        import_rows::student_id,
        import_rows::verdict,
    ) = (import_rows::line, import_rows::email_key, import_rows::student_id, import_rows::verdict);
    // Not by the verdict as well: for more than 200 combinations servers estimate by statistics.
    let mut rows: Vec<Row> = Vec::new();
    for keys in email_keys.chunks(LOOKED_UP) {
        let with_key = rows_of!(id).filter(import_rows::email_key.eq_any(keys));
        rows.extend(with_key.select(COLUMNS).load::<Row>(connection)?);
    }
    let ids: Vec<_> = students.iter().map(|RowId(id)| *id).collect();
    for ids in ids.chunks(LOOKED_UP) {
        let about = rows_of!(id).filter(import_rows::student_id.eq_any(ids));
        rows.extend(about.select(COLUMNS).load::<Row>(connection)?);
    }
    let mut claimed = Vec::with_capacity(rows.len());
    for (line, email_key, student, stored) in rows {
        if !verdict(stored)?.is_left_out() {
            let student = student.map(RowId);
            claimed.push(ClaimedLine { line: unsigned(line)?, email_key, student });
        }
    }
    Ok(claimed)
}

pub(super) fn load(
    connection: &mut DatabaseConnection,
    id: OperationId,
    query: &ImportRowQuery,
) -> QueryResult<Vec<PlannedRow>> {
    let mut rows = rows_of!(id)
        .filter(import_rows::line.gt(number(query.after)))
        .order(import_rows::line)
        .limit(limit(query.limit))
        .select(PlannedRowRow::as_select())
        .into_boxed();
    if let Some(verdict) = query.verdict {
        rows = rows.filter(import_rows::verdict.eq(verdict_number(verdict)));
    }
    if query.is_left_out {
        let left_out = Verdict::ALL.into_iter().filter(|verdict| verdict.is_left_out());
        let is_left_out = import_rows::verdict.eq_any(left_out.map(verdict_number));
        let has_changed = import_rows::outcome.eq(CHANGED_SINCE);
        rows = rows.filter(is_left_out.nullable().or(has_changed));
    }
    planned(rows.load(connection)?)
}

fn planned(rows: Vec<PlannedRowRow>) -> QueryResult<Vec<PlannedRow>> {
    rows.into_iter().map(PlannedRowRow::planned).collect()
}

/// The next rows of an import that is locked: as they are committed last. And whether they are the last.
/// Locked, so that the transaction still has no view when it locks the students.
pub(super) fn next(
    connection: &mut DatabaseConnection,
    id: OperationId,
    after: u32,
    at_least: usize,
) -> QueryResult<(Vec<PlannedRow>, bool)> {
    let chunk = chunk(connection).max(at_least);
    let stored = Verdict::ALL.into_iter().filter(|verdict| verdict.is_stored());
    let stored: Vec<_> = stored.map(verdict_number).collect();
    let mut rows: Vec<PlannedRowRow> = locked!(
        rows_of!(id)
            .filter(import_rows::line.gt(number(after)))
            .filter(import_rows::verdict.eq_any(stored))
            .order(import_rows::line)
            .limit(limit(chunk + 1))
            .select(PlannedRowRow::as_select()),
        load,
        connection
    )?;
    let all = rows.len();
    rows.truncate(chunk);
    if at_least == 0 {
        let mut changed = rows.iter().enumerate().filter(|(_, row)| row.is_about_a_student());
        if let Some((end, _)) = changed.nth(CHANGED) {
            rows.truncate(end);
        }
    }
    let is_last = rows.len() == all;
    Ok((planned(rows)?, is_last))
}

pub(super) fn keep_changed(
    connection: &mut DatabaseConnection,
    id: OperationId,
    lines: &[u32],
) -> QueryResult<()> {
    for lines in lines.chunks(LOOKED_UP) {
        let rows = rows_of!(id).filter(import_rows::line.eq_any(lines.iter().copied().map(number)));
        diesel::update(rows).set(import_rows::outcome.eq(CHANGED_SINCE)).execute(connection)?;
    }
    Ok(())
}

pub(super) fn count(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Vec<(Verdict, bool, usize)>> {
    let counts: Vec<(i16, Option<i16>, i64)> = rows_of!(id)
        .group_by((import_rows::verdict, import_rows::outcome))
        .select((import_rows::verdict, import_rows::outcome, count_star()))
        .load(connection)?;
    let count = |(stored, of, count): (i16, Option<i16>, i64)| {
        let count = usize::try_from(count).unwrap_or_default();
        Ok((verdict(stored)?, of == Some(CHANGED_SINCE), count))
    };
    counts.into_iter().map(count).collect()
}
