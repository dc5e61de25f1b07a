//! Erasing students with all their dependent rows.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::{
    ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _, SelectableHelper as _,
};
use registration_domain::{Action, IMPORTED_LINE, StudentId};

use crate::{
    connection::session::DatabaseConnection,
    journal::entries::EntryRow,
    locking::locked,
    schema::{
        api_requests, idempotency_keys, import_rows, imports, journal, operation_items,
        student_notes, student_revisions, student_salts, students, tasks,
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
    let (rows, mut addresses): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    addresses.extend(former_addresses(connection, &rows)?);
    index::delete(connection, &rows)?;
    delete!(student_revisions.student_id, &rows, connection);
    delete!(student_salts.student_id, &rows, connection);
    delete!(student_notes.student_id, &rows, connection);
    delete!(operation_items.student_id, &rows, connection);
    delete!(tasks.student_id, &rows, connection);
    delete!(import_rows.student_id, &rows, connection);
    erase_imported(connection, &ids)?;
    erase_addresses(connection, &addresses)?;
    delete!(idempotency_keys.public_id, &ids, connection);
    delete!(api_requests.student_id, &ids, connection);
    Ok(delete!(students.id, &rows, connection))
}

/// The addresses that these students had, and that no other student has now.
fn former_addresses(connection: &mut DatabaseConnection, rows: &[i64]) -> QueryResult<Vec<String>> {
    let emails: Vec<String> = student_revisions::table
        .filter(student_revisions::student_id.eq_any(rows))
        .select(student_revisions::email)
        .load(connection)?;
    let emails: BTreeSet<_> = emails.iter().map(|email| email.to_ascii_lowercase()).collect();
    let mut former: Vec<_> = emails.into_iter().collect();
    let mut taken = HashSet::new();
    for keys in former.chunks(LOOKED_UP) {
        let others = students::table.filter(students::email_key.eq_any(keys));
        let others = others.select(students::email_key).load::<String>(connection)?;
        taken.extend(others);
    }
    former.retain(|address| !taken.contains(address));
    Ok(former)
}

/// Deletes the rows from which imports created these students: more changes of the address may have
/// followed than are kept.
fn erase_imported(connection: &mut DatabaseConnection, ids: &[&[u8]]) -> QueryResult<()> {
    let created: Vec<EntryRow> = journal::table
        .filter(journal::subject.eq_any(ids))
        .filter(journal::action.eq(Action::Created.as_str()))
        .filter(journal::operation.is_not_null())
        .select(EntryRow::as_select())
        .load(connection)?;
    let mut lines: HashMap<_, Vec<i32>> = HashMap::new();
    for row in created {
        let entry = row.entry()?;
        let line = entry.detail.get(IMPORTED_LINE).and_then(|line| line.parse().ok());
        if let Some((import, line)) = entry.operation.zip(line) {
            lines.entry(import).or_default().push(line);
        }
    }
    for (import, lines) in lines {
        let rows = import_rows::table
            .filter(import_rows::import.eq(import.as_bytes().as_slice()))
            .filter(import_rows::line.eq_any(lines));
        diesel::delete(rows).execute(connection)?;
    }
    Ok(())
}

/// Deletes the rows of imports with these addresses, by the keys of the imports.
fn erase_addresses(connection: &mut DatabaseConnection, email_keys: &[String]) -> QueryResult<()> {
    let imports: Vec<Vec<u8>> = imports::table.select(imports::id).load(connection)?;
    for imports in imports.chunks(LOOKED_UP) {
        for keys in email_keys.chunks(LOOKED_UP / imports.len()) {
            let rows = import_rows::table
                .filter(import_rows::import.eq_any(imports))
                .filter(import_rows::email_key.eq_any(keys));
            diesel::delete(rows).execute(connection)?;
        }
    }
    Ok(())
}
