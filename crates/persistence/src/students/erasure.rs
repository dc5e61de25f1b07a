//! Erasing students with all their dependent rows.

use diesel::{ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _};
use registration_domain::StudentId;

use crate::{
    connection::session::DatabaseConnection,
    locking::locked,
    schema::{
        api_requests, idempotency_keys, import_rows, imports, operation_items, student_notes,
        student_revisions, student_salts, students, tasks,
    },
    search::index::{self, LOOKED_UP},
};

/// Deletes the rows of a table whose column has one of these values.
macro_rules! delete {
    ($table:ident.$column:ident, $values:expr, $connection:expr) => {
        diesel::delete($table::table.filter($table::$column.eq_any($values)))
            .execute($connection)?
    };
}

/// Deletes these students with all dependent rows, and returns how many there were.
pub(super) fn erase(connection: &mut DatabaseConnection, ids: &[StudentId]) -> QueryResult<usize> {
    let mut erased = 0;
    for ids in ids.chunks(LOOKED_UP) {
        erased += erase_some(connection, ids)?;
    }
    Ok(erased)
}

/// Locks the rows first, in one order: no other transaction adds to them afterwards.
fn erase_some(connection: &mut DatabaseConnection, ids: &[StudentId]) -> QueryResult<usize> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
    let found = students::table
        .filter(students::public_id.eq_any(&ids))
        .order(students::id)
        .select((students::id, students::email_key));
    let found: Vec<(i64, String)> = locked!(found, load, connection)?;
    let (rows, email_keys): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    index::delete(connection, &rows)?;
    delete!(student_revisions.student_id, &rows, connection);
    delete!(student_salts.student_id, &rows, connection);
    delete!(student_notes.student_id, &rows, connection);
    delete!(operation_items.student_id, &rows, connection);
    delete!(tasks.student_id, &rows, connection);
    delete!(import_rows.student_id, &rows, connection);
    erase_addresses(connection, &email_keys)?;
    delete!(idempotency_keys.public_id, &ids, connection);
    delete!(api_requests.student_id, &ids, connection);
    Ok(delete!(students.id, &rows, connection))
}

/// Deletes the rows of imports with these addresses: by the key of each import, of which there are few.
fn erase_addresses(connection: &mut DatabaseConnection, email_keys: &[String]) -> QueryResult<()> {
    let imports: Vec<Vec<u8>> = imports::table.select(imports::id).load(connection)?;
    let at_once = LOOKED_UP.checked_div(imports.len()).unwrap_or(LOOKED_UP).max(1);
    for keys in email_keys.chunks(at_once) {
        let rows = import_rows::table
            .filter(import_rows::import.eq_any(&imports))
            .filter(import_rows::email_key.eq_any(keys));
        diesel::delete(rows).execute(connection)?;
    }
    Ok(())
}
