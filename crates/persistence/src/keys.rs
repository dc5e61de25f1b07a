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

/// What `key` has to say to this student: a repetition, another registration, or nothing where no
/// such key is alive.
pub(crate) fn outcome(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<Option<InsertOutcome>> {
    type Row = (Vec<u8>, String, String, String, NaiveDateTime);
    let found: Option<Row> = idempotency_keys::table
        .inner_join(students::table.on(students::public_id.eq(idempotency_keys::public_id)))
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .filter(idempotency_keys::created_at.gt(limit(student)))
        .select((
            students::public_id,
            students::first_name,
            students::last_name,
            students::email,
            students::created_at,
        ))
        .first(connection)
        .optional()?;
    let Some((id, first_name, last_name, email, created_at)) = found else { return Ok(None) };
    let given = student.registration();
    let same = (first_name.as_str(), last_name.as_str(), email.as_str())
        == (given.first_name.as_str(), given.last_name.as_str(), given.email.as_str());
    let id = <[u8; 16]>::try_from(id).ok().map(StudentId::from_bytes);
    Ok(Some(match id {
        Some(id) if same => {
            InsertOutcome::Replayed(Student::new(id, given.clone(), created_at.and_utc()))
        }
        _ => InsertOutcome::KeyReused,
    }))
}

/// Forgets `key` if it has outlived its time, and says whether it had.
pub(crate) fn forget_if_old(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<bool> {
    let old = idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .filter(idempotency_keys::created_at.le(limit(student)));
    Ok(diesel::delete(old).execute(connection)? > 0)
}

/// Forgets every key from before `limit`.
pub(crate) fn forget(
    connection: &mut DatabaseConnection,
    limit: DateTime<Utc>,
) -> QueryResult<usize> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.le(limit.naive_utc()));
    diesel::delete(old).execute(connection)
}

/// Keys from before this are forgotten when this student comes.
fn limit(student: &Student) -> NaiveDateTime {
    (student.created_at() - IdempotencyKey::LIFETIME).naive_utc()
}
