//! Idempotency keys: rows beside their students', by which a repetition is recognised. A key is kept
//! as its hash, so that each takes the same room whatever the client called it.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, JoinOnDsl as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
};
use registration_domain::{IdempotencyKey, InsertOutcome, Student, StudentId, Submission};
use sha2::{Digest as _, Sha256};

use crate::{
    connection::DatabaseConnection,
    many,
    schema::{idempotency_keys, students},
};

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
struct NewKey {
    key_hash: Vec<u8>,
    public_id: Vec<u8>,
    created_at: NaiveDateTime,
}

impl NewKey {
    fn new(key: &IdempotencyKey, student: &Student) -> Self {
        Self {
            key_hash: hash(key),
            public_id: student.id().as_bytes().to_vec(),
            created_at: student.created_at().naive_utc(),
        }
    }
}

/// What a key is kept as.
pub(crate) fn hash(key: &IdempotencyKey) -> Vec<u8> {
    Sha256::digest(key.as_str()).to_vec()
}

/// Stores `key` beside `student`, who must be stored already.
pub(crate) fn store(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<usize> {
    let key = NewKey::new(key, student);
    diesel::insert_into(idempotency_keys::table).values(&key).execute(connection)
}

/// Stores the keys of all of these by one statement, beside their students.
pub(crate) fn store_all(
    connection: &mut DatabaseConnection,
    submissions: &[&Submission],
) -> QueryResult<()> {
    let keyed = submissions.iter().filter_map(|one| Some((one.key.as_ref()?, &one.student)));
    let mut rows: Vec<_> = keyed.map(|(key, student)| NewKey::new(key, student)).collect();
    rows.sort_by(|one, other| one.key_hash.cmp(&other.key_hash));
    many::insert!(idempotency_keys::table, &rows, connection)
}

/// Which of these hashes are there.
pub(crate) fn known(
    connection: &mut DatabaseConnection,
    hashes: &[Vec<u8>],
) -> QueryResult<HashSet<Vec<u8>>> {
    let known = idempotency_keys::table.filter(idempotency_keys::key_hash.eq_any(hashes));
    let known: Vec<Vec<u8>> = known.select(idempotency_keys::key_hash).load(connection)?;
    Ok(known.into_iter().collect())
}

/// Stores a key for this student and takes it back, to see whether this user may.
pub(crate) fn store_and_forget(
    connection: &mut DatabaseConnection,
    public_id: &[u8],
) -> QueryResult<()> {
    let key_hash = vec![0; 32];
    let key = NewKey {
        key_hash: key_hash.clone(),
        public_id: public_id.to_vec(),
        created_at: NaiveDateTime::default(),
    };
    diesel::insert_into(idempotency_keys::table).values(&key).execute(connection)?;
    let key = idempotency_keys::table.filter(idempotency_keys::key_hash.eq(key_hash));
    diesel::delete(key).execute(connection).map(|_| ())
}

/// A key that is there.
pub(crate) enum Found {
    /// What it has to say to the student who comes with it.
    Alive(InsertOutcome),
    /// It stands for nobody any more: since this time it has grown old, or its student has been taken
    /// away by somebody who does not mind references.
    Dead(NaiveDateTime),
}

/// Looks for `key`, with which this student comes.
pub(crate) fn find(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    student: &Student,
) -> QueryResult<Option<Found>> {
    type Registered = (Vec<u8>, String, String, String, NaiveDateTime);
    let found: Option<(NaiveDateTime, Option<Registered>)> = idempotency_keys::table
        .left_join(students::table.on(students::public_id.eq(idempotency_keys::public_id)))
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .select((
            idempotency_keys::created_at,
            (
                students::public_id,
                students::first_name,
                students::last_name,
                students::email,
                students::created_at,
            )
                .nullable(),
        ))
        .first(connection)
        .optional()?;
    Ok(found.map(|(since, registered)| match registered {
        Some(registered) if since > limit(student) => Found::Alive(told(registered, student)),
        _ => Found::Dead(since),
    }))
}

/// What a key that stands for `registered` has to say to this student.
fn told(
    (id, first_name, last_name, email, created_at): (
        Vec<u8>,
        String,
        String,
        String,
        NaiveDateTime,
    ),
    student: &Student,
) -> InsertOutcome {
    let given = student.registration();
    let same = (first_name.as_str(), last_name.as_str(), email.as_str())
        == (given.first_name.as_str(), given.last_name.as_str(), given.email.as_str());
    match <[u8; 16]>::try_from(id) {
        Ok(id) if same => {
            let id = StudentId::from_bytes(id);
            InsertOutcome::Replayed(Student::new(id, given.clone(), created_at.and_utc()))
        }
        _ => InsertOutcome::KeyReused,
    }
}

/// Forgets `key`, if it is still the one from this time.
pub(crate) fn forget_one(
    connection: &mut DatabaseConnection,
    key: &IdempotencyKey,
    since: NaiveDateTime,
) -> QueryResult<()> {
    let dead = idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq(hash(key)))
        .filter(idempotency_keys::created_at.eq(since));
    diesel::delete(dead).execute(connection).map(|_| ())
}

/// How many keys are forgotten at a time, or a few more: a statement holds the locks of all of them.
const BATCH: i64 = 1000;

/// Forgets some of the keys from before `limit`. Returns how many, and whether those were all.
pub(crate) fn forget(
    connection: &mut DatabaseConnection,
    limit: DateTime<Utc>,
) -> QueryResult<(usize, bool)> {
    let limit = limit.naive_utc();
    let end: Option<NaiveDateTime> = idempotency_keys::table
        .filter(idempotency_keys::created_at.le(limit))
        .order(idempotency_keys::created_at)
        .offset(BATCH)
        .select(idempotency_keys::created_at)
        .first(connection)
        .optional()?;
    let old = idempotency_keys::created_at.le(end.unwrap_or(limit));
    let forgotten = diesel::delete(idempotency_keys::table.filter(old)).execute(connection)?;
    Ok((forgotten, end.is_none()))
}

/// Keys from before this are forgotten when this student comes.
fn limit(student: &Student) -> NaiveDateTime {
    (student.created_at() - IdempotencyKey::LIFETIME).naive_utc()
}
