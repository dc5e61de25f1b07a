//! The dependent rows of a student: earlier values, notes and the salt.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
};
use registration_domain::{
    Note, PerField, Revision, RowId, Salt, StaffId, StoredNote, StudentRecord, Version,
};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, optional_bytes, time},
    error,
    registrations::writer::multi_insert,
    schema::{student_notes, student_revisions, student_salts},
    search::index::LOOKED_UP,
};

/// Number of revisions that are kept of a student.
const MAX_REVISIONS: i64 = 20;

/// A salt to be inserted.
#[derive(Insertable)]
#[diesel(table_name = student_salts)]
struct SaltRow<'a> {
    student_id: i64,
    salt: &'a [u8],
}

/// A note to be inserted.
#[derive(Insertable)]
#[diesel(table_name = student_notes, treat_none_as_default_value = false)]
struct NoteRow<'a> {
    student_id: i64,
    author: Option<&'a [u8]>,
    text: &'a str,
    at: NaiveDateTime,
}

/// Keeps the values of `before`, which were replaced at this time, and drops the oldest ones.
pub(super) fn insert_revision(
    connection: &mut DatabaseConnection,
    row_id: i64,
    before: &StudentRecord,
    replaced_at: DateTime<Utc>,
) -> QueryResult<()> {
    let PerField { first_name, last_name, email } = &before.texts;
    diesel::insert_into(student_revisions::table)
        .values((
            student_revisions::student_id.eq(row_id),
            student_revisions::version.eq(decode::version_number(before.version)),
            student_revisions::first_name.eq(first_name),
            student_revisions::last_name.eq(last_name),
            student_revisions::email.eq(email),
            student_revisions::replaced_at.eq(time(replaced_at)),
        ))
        .execute(connection)?;
    let dropped: Option<i32> = student_revisions::table
        .filter(student_revisions::student_id.eq(row_id))
        .order(student_revisions::version.desc())
        .offset(MAX_REVISIONS)
        .select(student_revisions::version)
        .first(connection)
        .optional()?;
    let Some(dropped) = dropped else { return Ok(()) };
    let oldest = student_revisions::table
        .filter(student_revisions::student_id.eq(row_id))
        .filter(student_revisions::version.le(dropped));
    diesel::delete(oldest).execute(connection).map(drop)
}

/// The earlier values, the newest first.
pub(super) fn revisions(
    connection: &mut DatabaseConnection,
    row_id: i64,
) -> QueryResult<Vec<Revision>> {
    type Row = (i32, String, String, String, NaiveDateTime);
    let rows: Vec<Row> = student_revisions::table
        .filter(student_revisions::student_id.eq(row_id))
        .order(student_revisions::version.desc())
        .select((
            student_revisions::version,
            student_revisions::first_name,
            student_revisions::last_name,
            student_revisions::email,
            student_revisions::replaced_at,
        ))
        .load(connection)?;
    let revision = |(version, first_name, last_name, email, replaced_at): Row| {
        Ok(Revision {
            version: decode::version(version)?,
            texts: PerField { first_name, last_name, email },
            replaced_at: replaced_at.and_utc(),
        })
    };
    rows.into_iter().map(revision).collect()
}

/// The values of the earliest revision that is kept from this version on: those which the version had.
/// `None` where they have not been replaced.
pub(super) fn texts_since(
    connection: &mut DatabaseConnection,
    row_id: i64,
    version: Version,
) -> QueryResult<Option<PerField<String>>> {
    let texts: Option<(String, String, String)> = student_revisions::table
        .filter(student_revisions::student_id.eq(row_id))
        .filter(student_revisions::version.ge(decode::version_number(version)))
        .order(student_revisions::version)
        .select((
            student_revisions::first_name,
            student_revisions::last_name,
            student_revisions::email,
        ))
        .first(connection)
        .optional()?;
    Ok(texts.map(|(first_name, last_name, email)| PerField { first_name, last_name, email }))
}

/// The salt, which `new` becomes where there is none. Of two transactions that insert one, the second
/// runs again.
pub(super) fn salt(
    connection: &mut DatabaseConnection,
    row_id: i64,
    new: Salt,
) -> QueryResult<Salt> {
    let salt: Option<Vec<u8>> = student_salts::table
        .filter(student_salts::student_id.eq(row_id))
        .select(student_salts::salt)
        .first(connection)
        .optional()?;
    if let Some(salt) = salt {
        return bytes(&salt);
    }
    diesel::insert_into(student_salts::table)
        .values((student_salts::student_id.eq(row_id), student_salts::salt.eq(new.as_slice())))
        .execute(connection)
        .map_err(error::or_conflict)?;
    Ok(new)
}

/// The salts of these students, in their order; those who have none get their new one, as in [`salt`].
pub(super) fn salts(
    connection: &mut DatabaseConnection,
    new: &[(RowId, Salt)],
) -> QueryResult<Vec<Salt>> {
    let ids: Vec<_> = new.iter().map(|(RowId(id), _)| *id).collect();
    let mut salts = HashMap::with_capacity(new.len());
    for ids in ids.chunks(LOOKED_UP) {
        let stored: Vec<(i64, Vec<u8>)> = student_salts::table
            .filter(student_salts::student_id.eq_any(ids))
            .select((student_salts::student_id, student_salts::salt))
            .load(connection)?;
        for (id, salt) in stored {
            salts.insert(id, bytes(&salt)?);
        }
    }
    let missing = new.iter().filter(|(RowId(id), _)| !salts.contains_key(id)).copied();
    insert_salts(connection, &missing.collect::<Vec<_>>())?;
    Ok(new.iter().map(|(RowId(id), salt)| salts.get(id).copied().unwrap_or(*salt)).collect())
}

/// Adds the salts of students who have none.
pub(super) fn insert_salts(
    connection: &mut DatabaseConnection,
    new: &[(RowId, Salt)],
) -> QueryResult<()> {
    let rows: Vec<_> =
        new.iter().map(|(RowId(id), salt)| SaltRow { student_id: *id, salt }).collect();
    multi_insert::insert!(student_salts::table, &rows, connection).map_err(error::or_conflict)
}

/// Adds a note about each of these students. Where one has been erased since, the transaction runs again.
pub(super) fn insert_notes(
    connection: &mut DatabaseConnection,
    rows: &[RowId],
    author: Option<StaffId>,
    note: &Note,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let row = |RowId(student_id): &RowId| NoteRow {
        student_id: *student_id,
        author: author.as_ref().map(|id| id.as_bytes().as_slice()),
        text: note.as_str(),
        at: time(at),
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    multi_insert::insert!(student_notes::table, &rows, connection).map_err(error::or_conflict)
}

/// Those of these students who have a note.
pub(super) fn with_notes(
    connection: &mut DatabaseConnection,
    rows: &[RowId],
) -> QueryResult<HashSet<RowId>> {
    let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
    let mut found = HashSet::new();
    for ids in ids.chunks(LOOKED_UP) {
        let notes = student_notes::table.filter(student_notes::student_id.eq_any(ids));
        let with: Vec<i64> = notes.select(student_notes::student_id).distinct().load(connection)?;
        found.extend(with.into_iter().map(RowId));
    }
    Ok(found)
}

/// The notes, the newest first.
pub(super) fn notes(
    connection: &mut DatabaseConnection,
    row_id: i64,
) -> QueryResult<Vec<StoredNote>> {
    type Row = (Option<Vec<u8>>, String, NaiveDateTime);
    let rows: Vec<Row> = student_notes::table
        .filter(student_notes::student_id.eq(row_id))
        .order(student_notes::id.desc())
        .select((student_notes::author, student_notes::text, student_notes::at))
        .load(connection)?;
    let note = |(author, text, at): Row| {
        let note = Note::parse(&text).ok().flatten().ok_or_else(decode::unreadable)?;
        let author = optional_bytes(author.as_deref())?.map(StaffId::from_bytes);
        Ok(StoredNote { author, note, at: at.and_utc() })
    };
    rows.into_iter().map(note).collect()
}
