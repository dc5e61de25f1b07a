//! What the cases share.

use std::{
    future::Future as _,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use registration_domain::{
    IdempotencyKey, InsertOutcome, Insertion, RawField, RawRegistration, Registration,
    RepositoryError, Student, StudentId, StudentRepository, Submission, Unavailability,
};
use registration_persistence::{Database, PoolOptions, Students, WriteOptions, migrate};
use registration_testkit::TestDatabase;

pub(crate) const OPTIONS: PoolOptions =
    PoolOptions { max_size: 8, timeout: Duration::from_secs(10) };

pub(crate) const WRITES: WriteOptions =
    WriteOptions { largest_batch: 100, most_waiting: 1000, is_sampled: |_| true };

pub(crate) fn open(database: &TestDatabase) -> Database {
    Database::open(database.url().parse().unwrap(), OPTIONS)
}

/// Migrates, and returns the versions of what ran.
pub(crate) fn migrated(database: &TestDatabase) -> Vec<String> {
    migrate(&database.url().parse().unwrap()).unwrap()
}

pub(crate) fn students(database: &TestDatabase) -> Students {
    migrated(database);
    Students::new(open(database), WRITES)
}

pub(crate) type Answer = Result<InsertOutcome, RepositoryError>;

/// Hands all of these in, then writes, on this thread, until each has its answer: what comes together
/// is written together.
pub(crate) fn insert_all(
    students: &Students,
    submissions: impl IntoIterator<Item = Submission>,
) -> Vec<Answer> {
    settle(students, submissions.into_iter().map(|submission| students.insert(submission)))
}

/// Writes, on this thread, until each of these has its answer.
pub(crate) fn settle(
    students: &Students,
    answers: impl IntoIterator<Item = Insertion>,
) -> Vec<Answer> {
    let mut answers = pin!(join_all(answers));
    loop {
        match answers.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answers) => return answers,
            Poll::Pending => students.write_next(),
        }
    }
}

/// Inserts one student without a key.
pub(crate) fn insert_one(students: &Students, student: &Student) -> Answer {
    insert_all(students, [keyless(student)]).remove(0)
}

/// Inserts students without a key, which must be possible.
pub(crate) fn insert(students: &Students, batch: &[Student]) -> Vec<InsertOutcome> {
    insert_all(students, batch.iter().map(keyless)).into_iter().map(Result::unwrap).collect()
}

pub(crate) fn keyless(student: &Student) -> Submission {
    Submission { student: student.clone(), key: None }
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
