//! Idempotency keys: rows beside their students', by which a repetition is recognised. A key is kept
//! as its hash, so that each takes the same room whatever the client called it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _,
    QueryResult, RunQueryDsl as _,
};
use registration_domain::{IdempotencyKey, InsertOutcome, Student, StudentId};
use sha2::{Digest as _, Sha256};

use crate::{
    connection::DatabaseConnection,
    schema::{idempotency_keys, students},
};

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
struct NewKey {
    key_hash: Vec<u8>,
    public_id: Vec<u8>,
    created_at: NaiveDateTime,
}

fn hash(key: &IdempotencyKey) -> Vec<u8> {
    Sha256::digest(key.as_str()).to_vec()
}

/// Stores `key` beside `student`, who must be stored already.
pub(crate) fn store(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<usize> {
    let key = NewKey {
        key_hash: hash(key),
        public_id: student.id().as_bytes().to_vec(),
        created_at: student.created_at().naive_utc(),
    };
    diesel::insert_into(idempotency_keys::table).values(&key).execute(connection)
}

/// A key that is there.
pub(crate) enum Found {
    /// What it has to say to the student who comes with it.
    Alive(InsertOutcome),
    /// Its time has passed, and nobody has cleared it away.
    Old,
}

/// Looks for `key`, with which this student comes.
pub(crate) fn find(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<Option<Found>> {
    type Row = (NaiveDateTime, Vec<u8>, String, String, String, NaiveDateTime);
    let found: Option<Row> = idempotency_keys::table
        .inner_join(students::table.on(students::public_id.eq(idempotency_keys::public_id)))
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .select((
            idempotency_keys::created_at,
            students::public_id,
            students::first_name,
            students::last_name,
            students::email,
            students::created_at,
        ))
        .first(connection)
        .optional()?;
    let Some((since, id, first_name, last_name, email, created_at)) = found else {
        return Ok(None);
    };
    if since <= limit(student) {
        return Ok(Some(Found::Old));
    }
    let given = student.registration();
    let same = (first_name.as_str(), last_name.as_str(), email.as_str())
        == (given.first_name.as_str(), given.last_name.as_str(), given.email.as_str());
    let id = <[u8; 16]>::try_from(id).ok().map(StudentId::from_bytes);
    Ok(Some(Found::Alive(match id {
        Some(id) if same => {
            InsertOutcome::Replayed(Student::new(id, given.clone(), created_at.and_utc()))
        }
        _ => InsertOutcome::KeyReused,
    })))
}

/// Forgets `key`, if it is old.
pub(crate) fn forget_old(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<()> {
    let old = idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .filter(idempotency_keys::created_at.le(limit(student)));
    diesel::delete(old).execute(connection).map(|_| ())
}

/// How many keys are forgotten in one statement, or a few more: each holds its locks.
const BATCH: i64 = 1000;

/// Forgets every key from before `limit`, some at a time.
pub(crate) fn forget(
    connection: &mut DatabaseConnection,
    limit: DateTime<Utc>,
) -> QueryResult<usize> {
    let limit = limit.naive_utc();
    let mut forgotten = 0;
    loop {
        let end: Option<NaiveDateTime> = idempotency_keys::table
            .filter(idempotency_keys::created_at.le(limit))
            .order(idempotency_keys::created_at)
            .offset(BATCH)
            .select(idempotency_keys::created_at)
            .first(connection)
            .optional()?;
        let old = idempotency_keys::created_at.le(end.unwrap_or(limit));
        forgotten += diesel::delete(idempotency_keys::table.filter(old)).execute(connection)?;
        if end.is_none() {
            return Ok(forgotten);
        }
    }
}

/// Keys from before this are forgotten when this student comes.
fn limit(student: &Student) -> NaiveDateTime {
    (student.created_at() - IdempotencyKey::LIFETIME).naive_utc()
}
