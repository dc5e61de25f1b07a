//! Brings students in line with a template that is new, or whose `is_active` has changed.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _};
use registration_domain::{RowId, Status, StudentId, has_checklist};

use super::{
    places,
    templates::{self, TemplateRow},
};
use crate::{
    connection::session::DatabaseConnection,
    decode::{bytes, limit},
    locking::locked,
    schema::students,
    students::codes,
};

/// Students of one transaction.
const CHUNK: usize = 200;

/// The first template that is due.
pub(super) fn due(
    connection: &mut DatabaseConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<TemplateRow>> {
    for row in templates::all(connection)? {
        if row.is_due(now)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Takes the next step of a template that is due, and returns the number of new items.
pub(super) fn next(
    connection: &mut DatabaseConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<usize>> {
    let Some(row) = due(connection, now)? else { return Ok(None) };
    // Another instance may have gone on meanwhile.
    let locked = templates::lock(connection, row.template_id()?)?;
    let Some(row) = locked.filter(|row| row.is_due(now).unwrap_or(false)) else {
        return Ok(Some(0));
    };
    let filled_to = row.filled_to.unwrap_or(0);
    let is_active = row.template()?.is_active;
    let removed = places::remove_empty_of(connection, row.id, is_active, CHUNK)?;
    if removed == CHUNK || !is_active {
        let progress = (removed == CHUNK).then_some(filled_to);
        return templates::keep_progress(connection, &row, progress, now).map(|()| Some(0));
    }
    let students = next_students(connection, filled_to)?;
    let is_last = students.len() < CHUNK;
    let with_place: Vec<_> =
        students.iter().filter(|(_, _, has_place)| *has_place).map(|one| (one.0, one.1)).collect();
    let templates = [(row.id, row.template()?)];
    let added = places::add_missing(connection, &with_place, &templates, now)?;
    let filled_to = students.last().map(|(RowId(id), ..)| *id).filter(|_| !is_last);
    templates::keep_progress(connection, &row, filled_to, now)?;
    Ok(Some(added))
}

/// The next students with a place, locked, and whether they have it still.
fn next_students(
    connection: &mut DatabaseConnection,
    after: i64,
) -> QueryResult<Vec<(RowId, StudentId, bool)>> {
    let mut ids = Vec::new();
    for status in Status::ALL.into_iter().filter(|status| has_checklist(*status)) {
        let of_status: Vec<i64> = students::table
            .filter(students::status.eq(codes::status_number(status)))
            .filter(students::id.gt(after))
            .order(students::id)
            .limit(limit(CHUNK))
            .select(students::id)
            .load(connection)?;
        ids.extend(of_status);
    }
    ids.sort_unstable();
    ids.truncate(CHUNK);
    let of_ids = students::table.filter(students::id.eq_any(ids)).order(students::id);
    let rows: Vec<(i64, Vec<u8>, i16)> = locked!(
        of_ids.select((students::id, students::public_id, students::status)),
        load,
        connection
    )?;
    let student = |(id, public_id, status): (i64, Vec<u8>, i16)| {
        let has_place = has_checklist(codes::status(status)?);
        Ok((RowId(id), StudentId::from_bytes(bytes(&public_id)?), has_place))
    };
    rows.into_iter().map(student).collect()
}
