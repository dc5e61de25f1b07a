//! The row of an idempotency key, and the queries of its table. A key is stored as its hash, so that
//! each takes the same space.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, JoinOnDsl as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, Queryable, RunQueryDsl as _, dsl::now,
};
use registration_domain::{
    Fingerprint, IdempotencyKey, NewRegistration, PerField, StoredKey, Student, StudentId,
};
use sha2::{Digest as _, Sha256};

use crate::{
    connection::session::DatabaseConnection,
    decode::bytes,
    error,
    registrations::writer::multi_insert,
    schema::{idempotency_keys, students},
};

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
struct KeyRow {
    key_hash: Vec<u8>,
    public_id: Vec<u8>,
    created_at: NaiveDateTime,
    fingerprint: Vec<u8>,
}

impl KeyRow {
    fn new(key: &IdempotencyKey, student: &Student, fingerprint: Fingerprint) -> Self {
        Self {
            key_hash: hash(key),
            public_id: student.id().as_bytes().to_vec(),
            created_at: student.created_at().naive_utc(),
            fingerprint: fingerprint.as_bytes().to_vec(),
        }
    }
}

/// The stored form of a key.
pub(crate) fn hash(key: &IdempotencyKey) -> Vec<u8> {
    Sha256::digest(key.as_str()).to_vec()
}

/// Inserts a key beside its student, whose row exists. `false` where the key exists.
pub(crate) fn insert_row(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
    fingerprint: Fingerprint,
) -> QueryResult<bool> {
    let row = KeyRow::new(key, student, fingerprint);
    match diesel::insert_into(idempotency_keys::table).values(&row).execute(connection) {
        Err(error) if error::is_duplicate(&error) => Ok(false),
        inserted => inserted.map(|_| true),
    }
}

/// Inserts the keys of these registrations by one statement; the students' rows exist.
pub(crate) fn insert_rows(
    connection: &mut DatabaseConnection,
    registrations: &[&NewRegistration],
) -> QueryResult<()> {
    let row = |NewRegistration { student, key, origin: _ }: &NewRegistration| {
        Some(KeyRow::new(key.as_ref()?, student, student.applicant().fingerprint()))
    };
    let mut rows: Vec<_> = registrations.iter().filter_map(|one| row(one)).collect();
    // Concurrent batches lock rows in one order.
    rows.sort_by(|one, other| one.key_hash.cmp(&other.key_hash));
    multi_insert::insert!(idempotency_keys::table, &rows, connection)
}

/// Which of these hashes are stored.
pub(crate) fn stored_hashes(
    connection: &mut DatabaseConnection,
    hashes: &[Vec<u8>],
) -> QueryResult<HashSet<Vec<u8>>> {
    let stored = idempotency_keys::table.filter(idempotency_keys::key_hash.eq_any(hashes));
    let stored: Vec<Vec<u8>> = stored.select(idempotency_keys::key_hash).load(connection)?;
    Ok(stored.into_iter().collect())
}

/// Inserts and deletes a key of this student, for the write probe, which rolls back.
pub(crate) fn probe_insert(
    connection: &mut DatabaseConnection,
    public_id: &[u8],
) -> QueryResult<()> {
    let row = KeyRow {
        key_hash: vec![0; 32],
        public_id: public_id.to_vec(),
        created_at: NaiveDateTime::default(),
        fingerprint: vec![0; 32],
    };
    diesel::insert_into(idempotency_keys::table).values(&row).execute(connection)?;
    let stored = idempotency_keys::table.filter(idempotency_keys::key_hash.eq(row.key_hash));
    diesel::delete(stored).execute(connection).map(drop)
}

/// The current row of a key's student, from which the fingerprint is computed where the key was
/// stored without one.
#[derive(Queryable)]
struct CurrentStudent {
    public_id: Vec<u8>,
    first_name: String,
    last_name: String,
    email: String,
}

impl CurrentStudent {
    fn fingerprint(&self) -> Fingerprint {
        let Self { public_id: _, first_name, last_name, email } = self;
        Fingerprint::of(&PerField { first_name, last_name, email })
    }
}

/// The stored key, if there is one. Its student is missing where the row was deleted with references
/// turned off.
pub(crate) fn find(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
) -> QueryResult<Option<StoredKey>> {
    type Row = (NaiveDateTime, NaiveDateTime, Option<Vec<u8>>, Option<CurrentStudent>);
    let row: Option<Row> = idempotency_keys::table
        .left_join(students::table.on(students::public_id.eq(idempotency_keys::public_id)))
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .select((
            idempotency_keys::created_at,
            now,
            idempotency_keys::fingerprint,
            (students::public_id, students::first_name, students::last_name, students::email)
                .nullable(),
        ))
        .first(connection)
        .optional()?;
    let Some((created_at, store_time, fingerprint, student)) = row else { return Ok(None) };
    let (created_at, store_time) = (created_at.and_utc(), store_time.and_utc());
    let student_id =
        student.as_ref().map(|student| bytes(&student.public_id).map(StudentId::from_bytes));
    let fingerprint = match (fingerprint, student) {
        (Some(stored), _) => Fingerprint::from_bytes(bytes(&stored)?),
        // Stored by a version without fingerprints.
        (None, Some(student)) => student.fingerprint(),
        (None, None) => Fingerprint::of(&PerField::default()),
    };
    Ok(Some(StoredKey { created_at, store_time, student_id: student_id.transpose()?, fingerprint }))
}

/// Deletes a key, provided that it is still the one that was found.
pub(crate) fn delete(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    found: &StoredKey,
) -> QueryResult<()> {
    let expired = idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .filter(idempotency_keys::created_at.eq(found.created_at.naive_utc()));
    diesel::delete(expired).execute(connection).map(drop)
}

/// Number of keys that one statement deletes, or a few more with the same time: it holds their locks.
const DELETE_BATCH: i64 = 1000;

/// Deletes some of the keys up to `cutoff`, none that is younger than its lifetime by the database's
/// clock. Returns their number, and whether they were the last.
pub(crate) fn delete_expired(
    connection: &mut DatabaseConnection,
    cutoff: DateTime<Utc>,
) -> QueryResult<(usize, bool)> {
    let database_time: NaiveDateTime = diesel::select(now).get_result(connection)?;
    let cutoff = cutoff.naive_utc().min(database_time - IdempotencyKey::LIFETIME);
    let end: Option<NaiveDateTime> = idempotency_keys::table
        .filter(idempotency_keys::created_at.le(cutoff))
        .order(idempotency_keys::created_at)
        .offset(DELETE_BATCH)
        .select(idempotency_keys::created_at)
        .first(connection)
        .optional()?;
    let expired = idempotency_keys::created_at.le(end.unwrap_or(cutoff));
    let deleted = diesel::delete(idempotency_keys::table.filter(expired)).execute(connection)?;
    Ok((deleted, end.is_none()))
}
