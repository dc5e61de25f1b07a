//! Batches on every backend. The tests write on their own thread: what they queue first is written
//! together, and a capture sees its spans.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod interleavings;
mod queue;
mod traces;

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_channel::oneshot;
use futures_util::future::join_all;
use registration_contract::fixtures::{form, keyed, keyless, now, student, student_at};
use registration_domain::{
    Field,
    InsertOutcome::{self, AlreadyRegistered, Created, KeyReused, Replayed},
    NewRegistration, RawField, RepositoryError, Student, Unavailability,
};
use registration_testkit::{Backend, TestDatabase, telemetry::capture};

use super::{Answer, WriteOptions, Writer};
use crate::{
    connection::pool::PoolOptions, database::Database, database_url::DatabaseUrl, migrations,
};

/// A test of each of these functions on each backend. What is skipped is printed in spite of the
/// harness, which hides the output of tests that pass.
macro_rules! on_every_backend {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { crate::registrations::writer::tests::run(
                registration_testkit::Backend::Sqlite, stringify!($test), super::$test);
            })+
        }
        mod mysql {
            $(#[test] fn $test() { crate::registrations::writer::tests::run(
                registration_testkit::Backend::Mysql, stringify!($test), super::$test);
            })+
        }
    };
}
use on_every_backend;

fn run(backend: Backend, name: &str, test: impl FnOnce(&TestDatabase)) {
    use std::io::Write as _;

    registration_testkit::telemetry::enable_all_callsites();
    match backend.skip_reason() {
        Some(reason) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED {name}::{backend}: {reason}");
        }
        None => test(&TestDatabase::new(backend)),
    }
}

on_every_backend![
    each_item_of_a_mixed_batch_gets_its_own_answer,
    a_duplicate_in_a_batch_fails_alone,
    a_row_that_the_database_rejects_fails_alone,
    a_full_queue_rejects_at_once,
    a_student_stored_by_an_earlier_attempt_is_created,
    an_insert_whose_caller_has_gone_away_is_dropped,
    an_outage_fails_the_whole_batch,
    a_panic_fails_its_batch_and_not_the_writer,
];

const OPTIONS: PoolOptions = PoolOptions {
    max_size: 8,
    timeout: Duration::from_secs(10),
    statement_timeout: Duration::from_secs(15),
};

fn write_options() -> WriteOptions {
    WriteOptions { max_batch_size: 100, queue_capacity: 1000, is_sampled: Arc::new(|_| true) }
}

fn migrate(database: &TestDatabase) {
    migrations::migrate(&database.url().parse().unwrap()).unwrap();
}

fn open(database: &TestDatabase) -> Database {
    Database::open(database.url().parse::<DatabaseUrl>().unwrap(), OPTIONS)
}

/// A writer without threads, on a migrated database.
fn writer(database: &TestDatabase) -> Writer {
    migrate(database);
    Writer::new(open(database), write_options())
}

/// Queues all of these, then writes on this thread until each has its answer.
fn insert_all(
    writer: &Writer,
    registrations: impl IntoIterator<Item = NewRegistration>,
) -> Vec<Answer> {
    write_until_answered(writer, registrations.into_iter().map(|one| writer.enqueue(one)))
}

/// Writes on this thread until each of these is answered.
fn write_until_answered(
    writer: &Writer,
    answers: impl IntoIterator<Item = oneshot::Receiver<Answer>>,
) -> Vec<Answer> {
    let mut answers = pin!(join_all(answers));
    let unanswered = || RepositoryError::unexpected("the batch writer panicked");
    loop {
        match answers.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answers) => {
                let answers = answers.into_iter();
                return answers.map(|one| one.unwrap_or_else(|_| Err(unanswered()))).collect();
            }
            Poll::Pending => drop(writer.write_next()),
        }
    }
}

/// Inserts one student without a key.
fn insert_one(writer: &Writer, student: &Student) -> Answer {
    insert_all(writer, [keyless(student)]).remove(0)
}

/// Inserts students without keys, which must be possible.
fn insert(writer: &Writer, students: &[Student]) -> Vec<InsertOutcome> {
    insert_all(writer, students.iter().map(keyless)).into_iter().map(Result::unwrap).collect()
}

/// A student with this first name.
fn named(number: u8, first_name: &str, email: &str) -> Student {
    let mut form = form(email);
    *form.get_mut(Field::FirstName) = RawField::from(first_name);
    student_at(now(), number, &form)
}

fn keyless_students(numbers: impl IntoIterator<Item = u8>) -> Vec<NewRegistration> {
    let student = |number| keyless(&student(number, &format!("n{number}@example.org")));
    numbers.into_iter().map(student).collect()
}

fn all_created(answers: &[Answer]) -> bool {
    answers.iter().all(|answer| matches!(answer, Ok(Created)))
}

/// Why the store was unavailable.
fn reason(answer: Answer) -> Unavailability {
    match answer.unwrap_err() {
        RepositoryError::Unavailable { reason, .. } => reason,
        unexpected @ RepositoryError::Unexpected(_) => panic!("{unexpected:?}"),
    }
}

fn a_duplicate_in_a_batch_fails_alone(database: &TestDatabase) {
    let writer = writer(database);
    let batch = [
        student(1, "a@example.org"),
        student(2, "b@example.org"),
        student(3, "A@example.org"),
        student(4, "c@example.org"),
    ];
    assert_eq!(insert(&writer, &batch), [Created, Created, AlreadyRegistered, Created]);
    assert_eq!(insert(&writer, &[]), []);
    assert_eq!(database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

fn each_item_of_a_mixed_batch_gets_its_own_answer(database: &TestDatabase) {
    let writer = writer(database);
    let old = student(1, "old@example.org");
    let other = student(2, "other@example.org");
    insert_all(&writer, [keyed(&old, "old"), keyed(&other, "other")]);

    let fresh = student(7, "fresh@example.org");
    let answers = insert_all(
        &writer,
        [
            keyless(&student(3, "a@example.org")),
            keyless(&student(4, "A@example.org")),
            keyless(&student(5, "OLD@example.org")),
            keyed(&student(6, "old@example.org"), "old"),
            keyed(&fresh, "fresh"),
            keyed(&student(8, "fresh@example.org"), "fresh"),
            keyed(&student(9, "b@example.org"), "other"),
            keyed(&student(10, "other@example.org"), "another"),
            keyed(&student(11, "c@example.org"), "fresh"),
            keyless(&student(12, "d@example.org")),
        ],
    );
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let expected = [
        Created,
        AlreadyRegistered,
        AlreadyRegistered,
        Replayed(old),
        Created,
        Replayed(fresh),
        KeyReused,
        AlreadyRegistered,
        KeyReused,
        Created,
    ];
    assert_eq!(answers, expected);
    let emails = ["a", "d", "fresh", "old", "other"].map(|name| format!("{name}@example.org"));
    assert_eq!(database.emails(), emails);
    assert_eq!(database.query_column("SELECT 'key' AS value FROM idempotency_keys").len(), 3);
}

/// A name that a constraint of the table, here stricter than the service's rules, rejects.
fn a_row_that_the_database_rejects_fails_alone(database: &TestDatabase) {
    let writer = writer(database);
    insert(&writer, &[student(1, "old@example.org")]);
    let reject = match database.backend() {
        Backend::Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON students WHEN NEW.first_name = 'Poison' \
             BEGIN SELECT RAISE(ABORT, 'no such person'); END"
        }
        Backend::Mysql => "ALTER TABLE students ADD CHECK (first_name <> 'Poison')",
    };
    database.execute(reject);
    let poison = |number, email| named(number, "Poison", email);
    let answers = insert_all(
        &writer,
        [
            keyless(&student(2, "a@example.org")),
            keyless(&poison(3, "p@example.org")),
            keyless(&student(4, "old@example.org")),
            keyed(&poison(5, "q@example.org"), "poison"),
            keyed(&student(6, "b@example.org"), "six"),
            keyless(&student(7, "A@example.org")),
        ],
    );
    let shown = |answer: &Answer| match answer {
        Ok(outcome) => format!("{outcome:?}"),
        Err(RepositoryError::Unexpected(_)) => "Unexpected".to_owned(),
        Err(error) => panic!("{error}"),
    };
    let shown: Vec<_> = answers.iter().map(shown).collect();
    let registered = "AlreadyRegistered";
    let expected = ["Created", "Unexpected", registered, "Unexpected", "Created", registered];
    assert_eq!(shown, expected);
    assert_eq!(database.emails(), ["a", "b", "old"].map(|name| format!("{name}@example.org")));
    assert_eq!(database.query_column("SELECT 'key' AS value FROM idempotency_keys").len(), 1);
}

fn a_full_queue_rejects_at_once(database: &TestDatabase) {
    migrate(database);
    let options = WriteOptions { queue_capacity: 2, ..write_options() };
    let writer = Writer::new(open(database), options);
    let mut answers = insert_all(&writer, keyless_students(1..=3));
    assert_eq!(reason(answers.pop().unwrap()), Unavailability::Overloaded);
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(insert(&writer, &[student(4, "n4@example.org")]), [Created]);
}

/// As after a commit whose answer was lost, which cannot happen on SQLite.
fn a_student_stored_by_an_earlier_attempt_is_created(database: &TestDatabase) {
    let writer = writer(database);
    let [zoe, ada] = [student(1, "zoe@example.org"), student(2, "ada@example.org")];
    assert_eq!(insert(&writer, std::slice::from_ref(&zoe)), [Created]);
    let again = insert(&writer, std::slice::from_ref(&zoe));
    match database.backend() {
        Backend::Mysql => assert_eq!(again, [Created]),
        Backend::Sqlite => assert!(matches!(again[..], [Created | AlreadyRegistered])),
    }
    assert_eq!(
        insert(&writer, &[student(3, "zoe@example.org"), ada]),
        [AlreadyRegistered, Created]
    );
    assert_eq!(database.emails(), ["ada@example.org", "zoe@example.org"]);
}

fn an_insert_whose_caller_has_gone_away_is_dropped(database: &TestDatabase) {
    let writer = writer(database);
    drop(writer.enqueue(keyless(&student(1, "gone@example.org"))));
    assert_eq!(insert(&writer, &[student(2, "here@example.org")]), [Created]);
    assert_eq!(database.emails(), ["here@example.org"]);
}

fn an_outage_fails_the_whole_batch(test_database: &TestDatabase) {
    // The database has not been migrated.
    if test_database.backend() == Backend::Sqlite {
        test_database.execute("VACUUM");
    }
    let writer = Writer::new(open(test_database), write_options());
    for answer in insert_all(&writer, keyless_students(1..=3)) {
        assert_eq!(reason(answer), Unavailability::MigrationsPending);
    }
}

fn a_panic_fails_its_batch_and_not_the_writer(database: &TestDatabase) {
    migrate(database);
    let is_sampled = Arc::new(|_: &tracing::Span| panic!("on purpose"));
    let writer = Writer::new(open(database), WriteOptions { is_sampled, ..write_options() });
    // A single registration does not ask whether it is sampled.
    for answer in insert_all(&writer, keyless_students(1..=2)) {
        assert!(matches!(answer, Err(RepositoryError::Unexpected(_))), "{answer:?}");
    }
    assert!(insert_one(&writer, &student(3, "n3@example.org")).is_ok());
}
