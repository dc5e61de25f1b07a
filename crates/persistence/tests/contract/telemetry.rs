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

fn a_query_is_a_span_and_a_timing(database: &TestDatabase) {
    let zoe = student(1, "zoe@example.org");
    let (_, captured) = capture(|| insert(&students(database), std::slice::from_ref(&zoe)));

    let [connection, query, whole] = captured.spans.as_slice() else {
        panic!("{}", trace_outline(&captured.spans))
    };
    assert_eq!((whole.name.as_str(), whole.kind.as_str()), ("db_insert_student", "internal"));
    assert_eq!(connection.name, "create_db_connection");
    assert_eq!(connection.attributes["db.client.connection.pool.name"], "registration");
    assert!(connection.attributes["db.client.connection.wait_time"].as_f64().unwrap() > 0.0);
    assert_eq!((query.name.as_str(), query.kind.as_str()), ("INSERT students", "client"));
    assert_eq!((&query.parent_id, query.failed), (&whole.span_id, false));
    for (name, value) in [
        ("db.collection.name", "students"),
        ("db.operation.name", "INSERT"),
        ("db.query.summary", "INSERT students"),
    ] {
        assert_eq!(query.attributes[name], value);
    }
    let text = query.attributes["db.query.text"].as_str().unwrap();
    assert!(text.ends_with("VALUES (?, ?, ?, ?, ?, ?)"), "{text}");
    let system = match database.backend() {
        Backend::Mysql => "mysql",
        Backend::Sqlite => "sqlite",
    };
    assert_eq!(query.attributes["db.system.name"], system);
    let name = database.name().rsplit('/').next().unwrap();
    assert_eq!(query.attributes["db.namespace"], name);

    let series = "db_query_duration_seconds{operation=\"INSERT students\"}";
    assert_eq!(captured.metric(series), Some(1.0));
    let series = "db_client_connection_wait_time_seconds{pool=\"registration\"}";
    assert_eq!(captured.metric(series), Some(1.0));
    // Taken out, and put back.
    for (state, value) in [("used", 0.0), ("idle", 0.0)] {
        let series =
            format!("db_client_connection_count{{pool=\"registration\",state=\"{state}\"}}");
        assert_eq!(captured.metric(&series), Some(value), "{state}");
    }
}

fn a_failed_query_has_the_databases_error_number(database: &TestDatabase) {
    let students = students(database);
    insert(&students, &[student(1, "zoe@example.org")]);
    let zoe = [student(2, "zoe@example.org")];
    let expect = |mysql: &str, sqlite: &str| {
        let (_, captured) = capture(|| insert_all(&students, zoe.iter().map(keyless)));
        let query = captured.spans.iter().find(|span| span.kind == "client").unwrap();
        assert!(query.failed);
        let code = query.attributes.get("db.response.status_code");
        match database.backend() {
            Backend::Mysql => {
                assert_eq!(code, Some(&mysql.into()));
                assert_eq!(query.attributes["error.type"], mysql);
            }
            Backend::Sqlite => {
                assert_eq!(code, None);
                assert_eq!(query.attributes["error.type"], sqlite);
            }
        }
        // Whoever handles the error records it; nobody else does.
        assert!(captured.spans.iter().all(|span| span.events.is_empty()));
        assert!(captured.logs.is_empty(), "{:?}", captured.logs);
    };
    expect("1062", "unique_violation");
    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    expect("1054", "database_error");
    database.execute("DROP TABLE idempotency_keys; DROP TABLE students");
    expect("1146", "database_error");
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
