//! The queries of imports and of their files.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    SelectableHelper as _, dsl::max,
};
use registration_domain::{Import, ImportState, OperationId};

use super::{
    import_row::{ImportRow, number, state_number},
    row_queries,
};
use crate::{
    connection::session::DatabaseConnection,
    decode::{bytes, limit, time},
    locking::locked,
    schema::{import_parts, imports},
};

macro_rules! import_with {
    ($id:expr) => {
        imports::table.filter(imports::id.eq($id.as_bytes().as_slice()))
    };
}

macro_rules! parts_of {
    ($id:expr) => {
        import_parts::table.filter(import_parts::import.eq($id.as_bytes().as_slice()))
    };
}

pub(super) fn insert(connection: &mut DatabaseConnection, import: &Import) -> QueryResult<()> {
    diesel::insert_into(imports::table).values(ImportRow::new(import)).execute(connection).map(drop)
}

pub(super) fn append(
    connection: &mut DatabaseConnection,
    id: OperationId,
    part: u32,
    bytes: &[u8],
) -> QueryResult<()> {
    diesel::insert_into(import_parts::table)
        .values((
            import_parts::import.eq(id.as_bytes().as_slice()),
            import_parts::part.eq(number(part)),
            import_parts::bytes.eq(bytes),
        ))
        .execute(connection)
        .map(drop)
}

/// The file. Its parts are read one by one, so that it is in memory once.
pub(super) fn file(connection: &mut DatabaseConnection, id: OperationId) -> QueryResult<Vec<u8>> {
    let last: Option<i32> = parts_of!(id).select(max(import_parts::part)).first(connection)?;
    let mut file = Vec::new();
    for part in 0..last.map_or(0, |last| last + 1) {
        let of_part = parts_of!(id).filter(import_parts::part.eq(part));
        let bytes: Vec<u8> = of_part.select(import_parts::bytes).first(connection)?;
        file.extend(bytes);
    }
    Ok(file)
}

diesel::define_sql_function! {
    /// Bytes of a value: both backends have it.
    fn length(value: diesel::sql_types::Binary) -> diesel::sql_types::BigInt;
}

pub(super) fn file_size(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<usize> {
    let sizes: Vec<i64> = parts_of!(id).select(length(import_parts::bytes)).load(connection)?;
    Ok(usize::try_from(sizes.iter().sum::<i64>()).unwrap_or(usize::MAX))
}

pub(super) fn delete_file(connection: &mut DatabaseConnection, id: OperationId) -> QueryResult<()> {
    diesel::delete(parts_of!(id)).execute(connection).map(drop)
}

pub(super) fn find(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Option<Import>> {
    let row: Option<ImportRow> =
        import_with!(id).select(ImportRow::as_select()).first(connection).optional()?;
    row.map(ImportRow::import).transpose()
}

/// As [`find`], of a row that is locked.
pub(super) fn lock(
    connection: &mut DatabaseConnection,
    id: OperationId,
) -> QueryResult<Option<Import>> {
    let row: Option<ImportRow> =
        locked!(import_with!(id).select(ImportRow::as_select()), first, connection).optional()?;
    row.map(ImportRow::import).transpose()
}

pub(super) fn update(connection: &mut DatabaseConnection, import: &Import) -> QueryResult<()> {
    diesel::update(import_with!(import.id))
        .set(ImportRow::new(import))
        .execute(connection)
        .map(drop)
}

pub(super) fn latest(
    connection: &mut DatabaseConnection,
    count: usize,
) -> QueryResult<Vec<Import>> {
    let rows: Vec<ImportRow> = imports::table
        .order(imports::id.desc())
        .limit(limit(count))
        .select(ImportRow::as_select())
        .load(connection)?;
    rows.into_iter().map(ImportRow::import).collect()
}

pub(super) fn same_file(
    connection: &mut DatabaseConnection,
    id: OperationId,
    sha256: &[u8; 32],
) -> QueryResult<Option<Import>> {
    let row: Option<ImportRow> = imports::table
        .filter(imports::sha256.eq(sha256.as_slice()))
        .filter(imports::id.ne(id.as_bytes().as_slice()))
        .filter(imports::state.eq(state_number(ImportState::Done)))
        .order(imports::id.desc())
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?;
    row.map(ImportRow::import).transpose()
}

pub(super) fn unfinished(connection: &mut DatabaseConnection) -> QueryResult<Vec<OperationId>> {
    let states = [ImportState::Reading, ImportState::Running].map(state_number);
    let ids: Vec<Vec<u8>> = imports::table
        .filter(imports::state.eq_any(states))
        .order(imports::id)
        .select(imports::id)
        .load(connection)?;
    ids.iter().map(|id| bytes(id).map(OperationId::from_bytes)).collect()
}

/// Deletes some rows of the oldest import that was uploaded before `cutoff`, at last the import; whether
/// there is none.
pub(super) fn delete_old(
    connection: &mut DatabaseConnection,
    cutoff: DateTime<Utc>,
) -> QueryResult<bool> {
    let oldest: Option<Vec<u8>> = imports::table
        .filter(imports::at.lt(time(cutoff)))
        .order(imports::id)
        .select(imports::id)
        .first(connection)
        .optional()?;
    let Some(oldest) = oldest else { return Ok(true) };
    let id = OperationId::from_bytes(bytes(&oldest)?);
    if row_queries::delete_some(connection, id)? {
        delete_file(connection, id)?;
        diesel::delete(import_with!(id)).execute(connection)?;
    }
    Ok(false)
}
