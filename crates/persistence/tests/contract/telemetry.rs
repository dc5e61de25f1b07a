//! The spans and metrics of queries; those of batches are tested beside the batch writer.

use std::{thread, time::Duration};

use libtest_mimic::Trial;
use registration_contract::fixtures::student;
use registration_domain::{Readiness as _, StudentRepository as _, Unavailability};
use registration_persistence::PoolOptions;
use registration_testkit::{TestDatabase, on_every_backend, telemetry::capture, wait_until};

use crate::support::{OPTIONS, Store, migrated, open, open_with, reason};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_query_without_a_result_has_not_failed,
        internal_queries_are_not_traced,
        an_exhausted_pool_is_traced,
    ]
}

fn a_query_without_a_result_has_not_failed(database: &TestDatabase) {
    let store = Store::new(database);
    let unknown = student(7, "unknown@example.org").id();
    let (found, captured) = capture(|| store.students.registered_at(unknown));
    assert_eq!(found.unwrap(), None);
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["create_db_connection", "SELECT students", "db_find_student"]);
    assert!(captured.spans.iter().all(|span| !span.failed));
    let series = "db_query_duration_seconds{operation=\"SELECT students\"}";
    assert_eq!(captured.metric(series), Some(1.0));
}

fn internal_queries_are_not_traced(database: &TestDatabase) {
    migrated(database);
    let database = open(database);
    let (ready, captured) = capture(|| {
        let _request = tracing::info_span!("request").entered();
        database.check()
    });
    ready.unwrap();
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["request"]);
    let timed = |series: &str| series.starts_with("db_query_duration_seconds");
    assert!(!captured.metrics.iter().any(|sample| timed(&sample.series)));
}

fn an_exhausted_pool_is_traced(database: &TestDatabase) {
    migrated(database);
    let options = PoolOptions { max_size: 1, timeout: Duration::from_millis(300), ..OPTIONS };
    let pool = open_with(database, options);
    // The first connection may take longer.
    assert!(wait_until(Duration::from_secs(20), || pool.fill_pool().is_ok()));
    let store = Store::on(pool);
    let lock = database.lock_email("held@example.org");
    thread::scope(|scope| {
        // Holds the only connection while it waits for the lock.
        let waiting = scope.spawn(|| store.insert_student(&student(2, "held@example.org")));
        let captured = loop {
            assert!(!waiting.is_finished(), "the insert did not wait for the lock");
            let find = || store.students.registered_at(student(3, "x@example.org").id());
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
