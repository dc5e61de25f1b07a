//! The row of a student as the office works with it, and the queries of single rows.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{
    Origin, PerField, RecordUpdate, RowId, Status, StudentId, StudentInsert, StudentRecord, TraceId,
};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, optional_bytes, time},
    error,
    locking::locked,
    registrations::writer::multi_insert,
    schema::students,
    students::codes,
};

/// A student as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = students)]
pub(crate) struct RecordRow {
    pub(crate) id: i64,
    public_id: Vec<u8>,
    first_name: String,
    last_name: String,
    email: String,
    status: i16,
    version: i32,
    source: i16,
    trace_id: Option<Vec<u8>>,
    created_at: NaiveDateTime,
    updated_at: Option<NaiveDateTime>,
}

impl RecordRow {
    pub(crate) fn record(self) -> QueryResult<StudentRecord> {
        let Self { first_name, last_name, email, .. } = self;
        let trace_id = optional_bytes(self.trace_id.as_deref())?.and_then(TraceId::from_bytes);
        Ok(StudentRecord {
            id: StudentId::from_bytes(bytes(&self.public_id)?),
            texts: PerField { first_name, last_name, email },
            status: codes::status(self.status)?,
            version: decode::version(self.version)?,
            origin: Origin { source: codes::source(self.source)?, trace_id },
            created_at: self.created_at.and_utc(),
            updated_at: self.updated_at.map(|time| time.and_utc()),
        })
    }
}

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = students, treat_none_as_default_value = false)]
struct NewRecordRow<'a> {
    public_id: &'a [u8],
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    email_key: String,
    created_at: NaiveDateTime,
    status: i16,
    version: i32,
    source: i16,
    trace_id: Option<&'a [u8]>,
    updated_at: Option<NaiveDateTime>,
}

/// Rows of one insert: a number whose statement is kept prepared.
const INSERTED: usize = 64;

/// The form in which addresses are compared.
fn email_key(record: &StudentRecord) -> String {
    record.texts.email.to_ascii_lowercase()
}

/// The student with this id, and its row id.
pub(crate) fn find(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<RecordRow>> {
    students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .select(RecordRow::as_select())
        .first(connection)
        .optional()
}

/// As [`find`], of a row that is locked.
pub(super) fn lock(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<RecordRow>> {
    let student = students::table.filter(students::public_id.eq(id.as_bytes().as_slice()));
    locked!(student.select(RecordRow::as_select()), first, connection).optional()
}

/// The students with these row ids, in no order.
pub(crate) fn find_all(
    connection: &mut DatabaseConnection,
    ids: &[i64],
) -> QueryResult<Vec<RecordRow>> {
    students::table.filter(students::id.eq_any(ids)).select(RecordRow::as_select()).load(connection)
}

/// As [`find_all`], of rows that are locked.
pub(super) fn lock_all(
    connection: &mut DatabaseConnection,
    ids: &[i64],
) -> QueryResult<Vec<RecordRow>> {
    // In one order, so that two such transactions do not wait for each other.
    let students = students::table.filter(students::id.eq_any(ids)).order(students::id);
    locked!(students.select(RecordRow::as_select()), load, connection)
}

/// The students with these public ids, in no order.
pub(super) fn find_by_ids(
    connection: &mut DatabaseConnection,
    ids: &[StudentId],
) -> QueryResult<Vec<RecordRow>> {
    let ids = ids.iter().map(|id| id.as_bytes().as_slice());
    let students = students::table.filter(students::public_id.eq_any(ids));
    students.select(RecordRow::as_select()).load(connection)
}

/// The row id of the newest student.
pub(super) fn newest_row(connection: &mut DatabaseConnection) -> QueryResult<Option<i64>> {
    let newest = students::table.order(students::id.desc()).select(students::id);
    newest.first(connection).optional()
}

/// Gives these students a status, each its next version.
pub(super) fn update_statuses(
    connection: &mut DatabaseConnection,
    ids: &[i64],
    status: Status,
    updated_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(students::table.filter(students::id.eq_any(ids)))
        .set((
            students::status.eq(codes::status_number(status)),
            students::version.eq(students::version + 1),
            students::updated_at.eq(time(updated_at)),
        ))
        .execute(connection)
}

/// The row id of the student with this public id.
pub(crate) fn row_id(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<i64>> {
    students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .select(students::id)
        .first(connection)
        .optional()
}

/// The row ids of the students with these public ids.
pub(super) fn row_ids(
    connection: &mut DatabaseConnection,
    ids: &[StudentId],
) -> QueryResult<Vec<(StudentId, RowId)>> {
    let ids = ids.iter().map(|id| id.as_bytes().as_slice());
    let students = students::table.filter(students::public_id.eq_any(ids));
    let rows: Vec<(Vec<u8>, i64)> =
        students.select((students::public_id, students::id)).load(connection)?;
    let row = |(id, row): (Vec<u8>, i64)| Ok((StudentId::from_bytes(bytes(&id)?), RowId(row)));
    rows.into_iter().map(row).collect()
}

/// As [`row_id`], also of a student who was inserted after the transaction began.
pub(super) fn latest_row_id(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<i64>> {
    if let Some(row_id) = row_id(connection, id)? {
        return Ok(Some(row_id));
    }
    let student = students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .select(students::id);
    locked!(student, first, connection).optional()
}

/// The student with this address.
pub(super) fn find_by_email(
    connection: &mut DatabaseConnection,
    email_key: &str,
) -> QueryResult<Option<StudentId>> {
    let id: Option<Vec<u8>> = students::table
        .filter(students::email_key.eq(email_key))
        .select(students::public_id)
        .first(connection)
        .optional()?;
    id.map(|id| bytes(&id).map(StudentId::from_bytes)).transpose()
}

/// The students with these addresses, in no order.
pub(super) fn find_by_emails(
    connection: &mut DatabaseConnection,
    email_keys: &[String],
) -> QueryResult<Vec<RecordRow>> {
    let students = students::table.filter(students::email_key.eq_any(email_keys));
    students.select(RecordRow::as_select()).load(connection)
}

impl<'a> NewRecordRow<'a> {
    fn new(record: &'a StudentRecord) -> Self {
        let PerField { first_name, last_name, email } = &record.texts;
        let trace_id = record.origin.trace_id.as_ref();
        Self {
            public_id: record.id.as_bytes(),
            first_name,
            last_name,
            email,
            email_key: email_key(record),
            created_at: time(record.created_at),
            status: codes::status_number(record.status),
            version: decode::version_number(record.version),
            source: codes::source_number(record.origin.source),
            trace_id: trace_id.map(|id| id.as_bytes().as_slice()),
            updated_at: record.updated_at.map(time),
        }
    }
}

/// Inserts students. A conflict where one of them, or the address, exists.
pub(super) fn insert_all(
    connection: &mut DatabaseConnection,
    records: &[StudentRecord],
) -> QueryResult<()> {
    let rows: Vec<_> = records.iter().map(NewRecordRow::new).collect();
    for rows in rows.chunks(INSERTED) {
        multi_insert::insert!(students::table, rows, connection).map_err(error::or_conflict)?;
    }
    Ok(())
}

/// Inserts a student.
pub(super) fn insert(
    connection: &mut DatabaseConnection,
    record: &StudentRecord,
) -> QueryResult<StudentInsert> {
    let row = NewRecordRow::new(record);
    match diesel::insert_into(students::table).values(&row).execute(connection) {
        Ok(_) => Ok(StudentInsert::Inserted),
        Err(error) if error::is_duplicate(&error) => {
            match find_by_email(connection, &row.email_key)? {
                Some(stored) if stored == record.id => Ok(StudentInsert::StoredBefore),
                Some(_) => Ok(StudentInsert::EmailTaken),
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Replaces a student, provided that its version is still the one before.
pub(super) fn update(
    connection: &mut DatabaseConnection,
    before: &StudentRecord,
    after: &StudentRecord,
) -> QueryResult<RecordUpdate> {
    let PerField { first_name, last_name, email } = &after.texts;
    let stored = students::table
        .filter(students::public_id.eq(before.id.as_bytes().as_slice()))
        .filter(students::version.eq(decode::version_number(before.version)));
    let updated = diesel::update(stored)
        .set((
            students::first_name.eq(first_name),
            students::last_name.eq(last_name),
            students::email.eq(email),
            students::email_key.eq(email_key(after)),
            students::status.eq(codes::status_number(after.status)),
            students::version.eq(decode::version_number(after.version)),
            students::updated_at.eq(after.updated_at.map(time)),
        ))
        .execute(connection);
    match updated {
        Ok(0) => Ok(RecordUpdate::Stale),
        Ok(_) => Ok(RecordUpdate::Updated),
        Err(error) if error::is_duplicate_of(&error, "email_key") => Ok(RecordUpdate::EmailTaken),
        Err(error) => Err(error),
    }
}
