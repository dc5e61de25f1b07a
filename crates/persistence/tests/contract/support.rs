//! What the cases share.

use std::time::Duration;

use chrono::{DateTime, Utc};
use registration_domain::{
    IdempotencyKey,
    InsertOutcome::{self},
    RawField, RawRegistration, Registration, RepositoryError, Student, StudentId,
    StudentRepository, Submission, Unavailability,
};
use registration_persistence::{Database, PoolOptions, Students, migrate};
use registration_testkit::TestDatabase;

pub(crate) const OPTIONS: PoolOptions =
    PoolOptions { max_size: 8, timeout: Duration::from_secs(10) };

pub(crate) fn open(database: &TestDatabase) -> Database {
    Database::open(database.url().parse().unwrap(), OPTIONS)
}

/// Migrates, and returns the versions of what ran.
pub(crate) fn migrated(database: &TestDatabase) -> Vec<String> {
    migrate(&database.url().parse().unwrap()).unwrap()
}

pub(crate) fn students(database: &TestDatabase) -> Students {
    migrated(database);
    Students::new(open(database))
}

/// Inserts students without a key, which must be possible.
pub(crate) fn insert(students: &Students, batch: &[Student]) -> Vec<InsertOutcome> {
    students.insert(&keyless(batch)).into_iter().map(Result::unwrap).collect()
}

pub(crate) fn keyless(batch: &[Student]) -> Vec<Submission> {
    batch.iter().map(|student| Submission { student: student.clone(), key: None }).collect()
}

/// A student with a key.
pub(crate) fn keyed(student: &Student, key: &str) -> Submission {
    let key = Some(IdempotencyKey::parse(key).unwrap());
    Submission { student: student.clone(), key }
}

/// A student with this address and an id of its own.
pub(crate) fn student(number: u8, email: &str) -> Student {
    named(number, "Zoë", "Brontë", email)
}

pub(crate) fn named(number: u8, first_name: &str, last_name: &str, email: &str) -> Student {
    let now: DateTime<Utc> = "2026-09-01T09:00:00.123456Z".parse().unwrap();
    named_at(now, number, [first_name, last_name, email])
}

/// A student who comes at this time.
pub(crate) fn named_at(now: DateTime<Utc>, number: u8, answers: [&str; 3]) -> Student {
    let [first_name, last_name, email] = answers;
    let text = |text: &str| RawField::Text(text.to_owned());
    let registration = Registration::parse(&RawRegistration {
        first_name: text(first_name),
        last_name: text(last_name),
        email: text(email),
    });
    Student::new(StudentId::new(now, [number; 10]), registration.unwrap(), now)
}

/// The reason why an answer could not be given.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, RepositoryError>) -> Unavailability {
    match answer.unwrap_err() {
        RepositoryError::Unavailable { reason, .. } => reason,
        unexpected @ RepositoryError::Unexpected(_) => panic!("{unexpected:?}"),
    }
}
