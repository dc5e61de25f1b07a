//! What a query says about itself, as spans, metrics and log lines.

use std::{thread, time::Duration};

use libtest_mimic::Trial;
use registration_domain::{StudentId, StudentRepository, Unavailability};
use registration_persistence::{Database, PoolOptions, Students};
use registration_testkit::{
    Backend, TestDatabase, on_every_backend,
    telemetry::{capture, trace_outline},
};

use crate::support::{
    WRITES, insert, insert_all, keyless, migrated, open, reason, student, students,
};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_query_is_a_span_and_a_timing,
        a_failed_query_has_the_databases_error_number,
        a_query_that_finds_nobody_has_not_failed,
        what_a_session_does_for_itself_leaves_no_trace,
        a_pool_that_is_exhausted_is_told,
    ]
}

fn a_query_that_finds_nobody_has_not_failed(database: &TestDatabase) {
    let students = students(database);
    let nobody = StudentId::new("2026-09-01T09:00:00Z".parse().unwrap(), [7; 10]);
    let (found, captured) = capture(|| students.registered_at(nobody));
    assert_eq!(found.unwrap(), None);
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["create_db_connection", "SELECT students", "db_find_student"]);
    assert!(captured.spans.iter().all(|span| !span.failed));
    let series = "db_query_duration_seconds{operation=\"SELECT students\"}";
    assert_eq!(captured.metric(series), Some(1.0));
}

fn what_a_session_does_for_itself_leaves_no_trace(database: &TestDatabase) {
    migrated(database);
    let database = open(database);
    let (ready, captured) = capture(|| {
        let _request = tracing::info_span!("request").entered();
        database.check_readiness()
    });
    ready.unwrap();
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["request"]);
    let timed = |series: &str| series.starts_with("db_query_duration_seconds");
    assert!(!captured.metrics.iter().any(|sample| timed(&sample.series)));
}

fn a_pool_that_is_exhausted_is_told(database: &TestDatabase) {
    migrated(database);
    let options = PoolOptions { max_size: 1, timeout: Duration::from_millis(20) };
    let students = Students::new(Database::open(database.url().parse().unwrap(), options), WRITES);
    let lock = database.lock_email("held@example.org");
    thread::scope(|scope| {
        // Holds the only connection while it waits for the lock.
        let waiting = scope.spawn(|| insert(&students, &[student(2, "held@example.org")]));
        let captured = loop {
            assert!(!waiting.is_finished(), "the insert did not wait for the lock");
            let find = || students.registered_at(student(3, "x@example.org").id());
            if let (Err(error), captured) = capture(find) {
                assert_eq!(reason::<()>(Err(error)), Unavailability::PoolExhausted);
                break captured;
            }
        };
        drop(lock);
        waiting.join().unwrap();

        let connection = captured.spans.iter().find(|span| span.name == "create_db_connection");
        let connection = connection.unwrap();
        assert!(connection.failed);
        assert_eq!(connection.attributes["error.type"], "pool_exhausted");
    });
}
