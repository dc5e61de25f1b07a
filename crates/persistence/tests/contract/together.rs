//! Students who come together are stored by one statement; each has an answer and a trace of its own.

use std::{collections::BTreeSet, time::Duration};

use libtest_mimic::Trial;
use registration_domain::{
    InsertOutcome::{AlreadyRegistered, Created, KeyReused, Replayed},
    RepositoryError, StudentRepository, Submission, Unavailability,
};
use registration_persistence::{Database, PoolOptions, Students, WriteOptions};
use registration_testkit::{
    Backend, TestDatabase, on_every_backend,
    telemetry::{Captured, Span, capture},
};

use crate::support::{
    Answer, OPTIONS, WRITES, insert, insert_all, insert_one, keyed, keyless, migrated, named, open,
    reason, student, students,
};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        students_share_a_statement_and_each_has_its_trace,
        one_whose_trace_is_kept_holds_the_statements,
        each_of_a_mixed_batch_gets_its_own_answer,
        what_only_the_database_rejects_harms_nobody_else,
        batches_have_a_largest_size,
        a_full_queue_says_so_at_once,
        whoever_was_stored_by_an_attempt_before_is_created,
        work_that_nobody_waits_for_never_begins,
        whoever_waited_too_long_is_told_so,
        an_outage_is_told_to_all_of_a_batch,
        a_panic_is_told_and_ends_nothing,
        threads_write_what_comes,
    ]
}

fn keyless_students(numbers: impl IntoIterator<Item = u8>) -> Vec<Submission> {
    let student = |number| keyless(&student(number, &format!("n{number}@example.org")));
    numbers.into_iter().map(student).collect()
}

fn all_created(answers: &[Answer]) -> bool {
    answers.iter().all(|answer| matches!(answer, Ok(Created)))
}

/// The spans with this name.
fn spans<'a>(captured: &'a Captured, name: &str) -> Vec<&'a Span> {
    captured.spans.iter().filter(|span| span.name == name).collect()
}

/// Inserts these, each in a trace of its own, as requests do.
fn insert_in_traces(students: &Students, submissions: Vec<Submission>) -> Vec<Answer> {
    let answers = submissions
        .into_iter()
        .map(|submission| tracing::info_span!("request").in_scope(|| students.insert(submission)));
    crate::support::settle(students, answers)
}

fn students_share_a_statement_and_each_has_its_trace(database: &TestDatabase) {
    let mut submissions = keyless_students(1..=9);
    submissions.push(keyed(&student(10, "n10@example.org"), "ten"));
    let (answers, captured) = capture(|| insert_in_traces(&students(database), submissions));
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(database.emails().len(), 10);

    let [insert] = spans(&captured, "INSERT students")[..] else { panic!("not one statement") };
    assert_eq!(insert.attributes["db.operation.batch.size"], 10);
    let text = insert.attributes["db.query.text"].as_str().unwrap();
    assert!(text.ends_with("VALUES (?, ?, ?, ?, ?, ?), …"), "{text}");
    assert_eq!(spans(&captured, "INSERT idempotency_keys").len(), 1);

    let inserting = spans(&captured, "db_insert_student");
    let traces: BTreeSet<_> = inserting.iter().map(|span| &span.trace_id).collect();
    assert_eq!(traces.len(), 10);
    for span in &inserting {
        let [link] = span.links.as_slice() else { panic!("{:?}", span.links) };
        assert_eq!((&link.trace_id, &link.span_id), (&insert.trace_id, &insert.span_id));
        let connected = spans(&captured, "create_db_connection");
        assert!(connected.iter().any(|connected| connected.parent_id == span.span_id));
    }
    assert!(inserting.iter().any(|span| span.span_id == insert.parent_id));
    assert_eq!(captured.metric("db_insert_batch_size{}"), Some(1.0));
    let pending = "db_client_connection_pending_requests{pool=\"registration\"}";
    assert_eq!(captured.metric(pending), Some(0.0));
}

fn one_whose_trace_is_kept_holds_the_statements(database: &TestDatabase) {
    migrated(database);
    // What says whether a span is kept is asked for the third time when it says so.
    thread_local!(static ASKED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    ASKED.set(0);
    let is_sampled = |_: &tracing::Span| ASKED.replace(ASKED.get() + 1) == 2;
    let students = Students::new(open(database), WriteOptions { is_sampled, ..WRITES });
    let submissions = keyless_students(1..=4);
    let (_, captured) = capture(|| insert_in_traces(&students, submissions));
    let [insert] = spans(&captured, "INSERT students")[..] else { panic!("not one statement") };
    let mut requests = spans(&captured, "request");
    requests.sort_by_key(|request| request.start_time_ns);
    assert_eq!(insert.trace_id, requests[2].trace_id);
}

fn each_of_a_mixed_batch_gets_its_own_answer(database: &TestDatabase) {
    let students = students(database);
    let old = student(1, "old@example.org");
    let other = student(2, "other@example.org");
    insert_all(&students, [keyed(&old, "old"), keyed(&other, "other")]);

    let fresh = student(7, "fresh@example.org");
    let answers = insert_all(
        &students,
        [
            keyless(&student(3, "a@example.org")),
            keyless(&student(4, "A@example.org")),
            keyless(&student(5, "OLD@example.org")),
            keyed(&named(6, "Zoë", "Brontë", "old@example.org"), "old"),
            keyed(&fresh, "fresh"),
            keyed(&named(8, "Zoë", "Brontë", "fresh@example.org"), "fresh"),
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

/// A name that the table's rules, here made stricter than the service's, do not allow.
fn what_only_the_database_rejects_harms_nobody_else(database: &TestDatabase) {
    let students = students(database);
    insert(&students, &[student(1, "old@example.org")]);
    let reject = match database.backend() {
        Backend::Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON students WHEN NEW.first_name = 'Poison' \
             BEGIN SELECT RAISE(ABORT, 'no such person'); END"
        }
        Backend::Mysql => "ALTER TABLE students ADD CHECK (first_name <> 'Poison')",
    };
    database.execute(reject);
    let poison = |number, email| named(number, "Poison", "Brontë", email);
    let answers = insert_all(
        &students,
        [
            keyless(&student(2, "a@example.org")),
            keyless(&poison(3, "p@example.org")),
            keyless(&student(4, "old@example.org")),
            keyed(&poison(5, "q@example.org"), "poison"),
            keyed(&student(6, "b@example.org"), "six"),
            keyless(&student(7, "A@example.org")),
        ],
    );
    let told = |answer: &Answer| match answer {
        Ok(outcome) => format!("{outcome:?}"),
        Err(RepositoryError::Unexpected(_)) => "Unexpected".to_owned(),
        Err(error) => panic!("{error}"),
    };
    let told: Vec<_> = answers.iter().map(told).collect();
    let registered = "AlreadyRegistered";
    let expected = ["Created", "Unexpected", registered, "Unexpected", "Created", registered];
    assert_eq!(told, expected);
    assert_eq!(database.emails(), ["a", "b", "old"].map(|name| format!("{name}@example.org")));
    assert_eq!(database.query_column("SELECT 'key' AS value FROM idempotency_keys").len(), 1);
}

fn batches_have_a_largest_size(database: &TestDatabase) {
    migrated(database);
    let options = WriteOptions { largest_batch: 4, ..WRITES };
    let (answers, captured) = capture(|| {
        let students = Students::new(open(database), options);
        insert_all(&students, keyless_students(1..=9))
    });
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(spans(&captured, "INSERT students").len(), 3);
    assert_eq!(captured.metric("db_insert_batch_size{}"), Some(3.0));
}

fn a_full_queue_says_so_at_once(database: &TestDatabase) {
    migrated(database);
    let students = Students::new(open(database), WriteOptions { most_waiting: 2, ..WRITES });
    let mut answers = insert_all(&students, keyless_students(1..=3));
    assert_eq!(reason(answers.pop().unwrap()), Unavailability::Overloaded);
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(insert(&students, &[student(4, "n4@example.org")]), [Created]);
}

/// As after a commit whose answer was lost. SQLite has none: it is in this process.
fn whoever_was_stored_by_an_attempt_before_is_created(database: &TestDatabase) {
    let students = students(database);
    let [zoe, ada] = [student(1, "zoe@example.org"), student(2, "ada@example.org")];
    assert_eq!(insert(&students, std::slice::from_ref(&zoe)), [Created]);
    let again = insert(&students, std::slice::from_ref(&zoe));
    match database.backend() {
        Backend::Mysql => assert_eq!(again, [Created]),
        Backend::Sqlite => assert!(matches!(again[..], [Created | AlreadyRegistered])),
    }
    assert_eq!(
        insert(&students, &[student(3, "zoe@example.org"), ada]),
        [AlreadyRegistered, Created]
    );
    // Somebody else with the same id is neither.
    assert!(insert_one(&students, &student(1, "eve@example.org")).is_err());
    assert_eq!(database.emails(), ["ada@example.org", "zoe@example.org"]);
}

fn work_that_nobody_waits_for_never_begins(database: &TestDatabase) {
    let students = students(database);
    drop(students.insert(keyless(&student(1, "gone@example.org"))));
    assert_eq!(insert(&students, &[student(2, "here@example.org")]), [Created]);
    assert_eq!(database.emails(), ["here@example.org"]);
}

fn whoever_waited_too_long_is_told_so(test_database: &TestDatabase) {
    migrated(test_database);
    let options = PoolOptions { timeout: Duration::from_millis(1), ..OPTIONS };
    let (answer, captured) = capture(|| {
        let database = Database::open(test_database.url().parse().unwrap(), options);
        let students = Students::new(database, WRITES);
        let waiting = students.insert(keyless(&student(1, "late@example.org")));
        let since = std::time::Instant::now();
        while since.elapsed() <= options.timeout {
            std::thread::yield_now();
        }
        crate::support::settle(&students, [waiting]).remove(0)
    });
    assert_eq!(reason(answer), Unavailability::PoolExhausted);
    let series = "db_client_connection_timeouts_total{pool=\"registration\"}";
    assert_eq!(captured.metric(series), Some(1.0));
    let [connected] = spans(&captured, "create_db_connection")[..] else { panic!("no wait") };
    assert_eq!(connected.attributes["error.type"], "pool_exhausted");
    assert_eq!(test_database.emails(), [""; 0]);
}

fn an_outage_is_told_to_all_of_a_batch(test_database: &TestDatabase) {
    // Nothing has been migrated.
    if test_database.backend() == Backend::Sqlite {
        test_database.execute("VACUUM");
    }
    let students = Students::new(open(test_database), WRITES);
    for answer in insert_all(&students, keyless_students(1..=3)) {
        assert_eq!(reason(answer), Unavailability::MigrationsPending);
    }
}

fn a_panic_is_told_and_ends_nothing(database: &TestDatabase) {
    migrated(database);
    let is_sampled = |_: &tracing::Span| panic!("on purpose");
    let students = Students::new(open(database), WriteOptions { is_sampled, ..WRITES });
    // Alone nobody is asked whose trace it is to be.
    for answer in insert_all(&students, keyless_students(1..=2)) {
        assert!(matches!(answer, Err(RepositoryError::Unexpected(_))), "{answer:?}");
    }
    assert!(insert_one(&students, &student(3, "n3@example.org")).is_ok());
}

fn threads_write_what_comes(database: &TestDatabase) {
    migrated(database);
    let students = Students::start(open(database), WRITES).unwrap();
    let answers = keyless_students(1..=50).into_iter().map(|student| students.insert(student));
    let answers = futures_util::future::join_all(answers.collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(all_created(&runtime.block_on(answers)));
    assert_eq!(database.emails().len(), 50);
}
