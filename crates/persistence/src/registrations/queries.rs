//! Inserts one registration: a student, with its idempotency key where the client sent one.

use registration_domain::{
    Completion, IdempotencyKey, InsertOutcome, KeyDecision, NewRegistration, Origin,
    RepositoryError, Student, StudentInsert, Transaction,
};

use crate::{
    connection::session::DatabaseConnection,
    error::{self, Failure},
    registrations::idempotency_keys,
    students::queries as students,
    transaction::{self, Begin, DieselTransaction},
};

/// Maximum number of attempts to store a student with its key. More than two are needed only where
/// other requests delete the same expired key at the same moment.
const KEY_ATTEMPTS: u32 = 4;

/// Inserts one registration. Without a key this is one statement, which is its own transaction.
pub(crate) fn insert(
    connection: &mut DatabaseConnection,
    NewRegistration { student, key, origin }: &NewRegistration,
) -> Result<InsertOutcome, Failure> {
    if let Some(key) = key {
        return insert_with_key(connection, student, *origin, key);
    }
    Ok(match students::insert_row(connection, student, *origin)? {
        StudentInsert::Inserted | StudentInsert::StoredBefore => InsertOutcome::Created,
        StudentInsert::EmailTaken => InsertOutcome::AlreadyRegistered,
    })
}

/// What an attempt to insert a student with its key has met.
enum Attempt {
    Stored,
    EmailTaken,
    KeyTaken,
}

/// Inserts the student and the key, both or neither. Where one of them exists, the stored key decides
/// whether the request is a repetition.
fn insert_with_key(
    connection: &mut DatabaseConnection,
    student: &Student,
    origin: Origin,
    key: &IdempotencyKey,
) -> Result<InsertOutcome, Failure> {
    for _ in 0..KEY_ATTEMPTS {
        let insert = |transaction: &mut DieselTransaction<'_>| {
            insert_student_and_key(transaction, student, origin, key)
        };
        let attempt = transaction::run(connection, Begin::Deferred, insert)?;
        if let Attempt::Stored = attempt {
            return Ok(InsertOutcome::Created);
        }
        // Read outside of the transaction, which is rolled back and holds no lock.
        match idempotency_keys::find(connection, key)? {
            Some(stored) => match stored.decide(student) {
                KeyDecision::Replay(student) => return Ok(InsertOutcome::Replayed(student)),
                KeyDecision::Reused => return Ok(InsertOutcome::KeyReused),
                KeyDecision::Expired => idempotency_keys::delete(connection, key, &stored)?,
            },
            None if matches!(attempt, Attempt::EmailTaken) => {
                return Ok(InsertOutcome::AlreadyRegistered);
            }
            // Another request has deleted the key since.
            None => {}
        }
    }
    Err(error::conflict("an idempotency key changed on every attempt").into())
}

fn insert_student_and_key(
    transaction: &mut dyn Transaction,
    student: &Student,
    origin: Origin,
    key: &IdempotencyKey,
) -> Result<(Completion, Attempt), RepositoryError> {
    if transaction.students().insert(student, origin)? == StudentInsert::EmailTaken {
        return Ok((Completion::RollBack, Attempt::EmailTaken));
    }
    let fingerprint = student.applicant().fingerprint();
    Ok(match transaction.idempotency_keys().insert(key, student, fingerprint)? {
        true => (Completion::Commit, Attempt::Stored),
        false => (Completion::RollBack, Attempt::KeyTaken),
    })
}
