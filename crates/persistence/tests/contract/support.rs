//! What the cases share.

use std::time::Duration;

use chrono::{DateTime, Utc};
use registration_domain::{
    InsertOutcome::{self},
    RawField, RawRegistration, Registration, RepositoryError, Student, StudentId,
    StudentRepository, Unavailability,
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

/// Inserts students, which must be possible.
pub(crate) fn insert(students: &Students, batch: &[Student]) -> Vec<InsertOutcome> {
    students.insert(batch).into_iter().map(Result::unwrap).collect()
}

/// A student with this address and an id of its own.
pub(crate) fn student(number: u8, email: &str) -> Student {
    named(number, "Zoë", "Brontë", email)
}

pub(crate) fn named(number: u8, first_name: &str, last_name: &str, email: &str) -> Student {
    let text = |text: &str| RawField::Text(text.to_owned());
    let registration = Registration::parse(&RawRegistration {
        first_name: text(first_name),
        last_name: text(last_name),
        email: text(email),
    });
    let now: DateTime<Utc> = "2026-09-01T09:00:00.123456Z".parse().unwrap();
    Student::new(StudentId::new(now, [number; 10]), registration.unwrap(), now)
}

/// The reason why an answer could not be given.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, RepositoryError>) -> Unavailability {
    match answer.unwrap_err() {
        RepositoryError::Unavailable { reason, .. } => reason,
        unexpected @ RepositoryError::Unexpected(_) => panic!("{unexpected:?}"),
    }
}
