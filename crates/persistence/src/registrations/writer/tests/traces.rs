//! The spans, links and metrics of batches.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use registration_testkit::telemetry::{Captured, Span, trace_outline};

use super::*;

on_every_backend![
    a_batch_shares_its_statements_and_each_insert_has_its_trace,
    a_sampled_trace_holds_the_statements,
    batches_have_a_maximum_size,
    an_insert_expires_in_the_queue,
    a_statement_is_a_span_and_a_timing,
    a_failed_statement_has_the_servers_error_number,
];

/// The spans with this name.
fn spans<'a>(captured: &'a Captured, name: &str) -> Vec<&'a Span> {
    captured.spans.iter().filter(|span| span.name == name).collect()
}

/// Inserts these, each in a trace of its own, as requests do.
fn insert_in_traces(writer: &Writer, registrations: Vec<NewRegistration>) -> Vec<Answer> {
    let answers = registrations
        .into_iter()
        .map(|one| tracing::info_span!("request").in_scope(|| writer.enqueue(one)));
    write_until_answered(writer, answers)
}

fn a_batch_shares_its_statements_and_each_insert_has_its_trace(database: &TestDatabase) {
    let mut registrations = keyless_students(1..=9);
    registrations.push(keyed(&student(10, "n10@example.org"), "ten"));
    let (answers, captured) = capture(|| insert_in_traces(&writer(database), registrations));
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(database.emails().len(), 10);

    let [insert] = spans(&captured, "INSERT students")[..] else { panic!("not one statement") };
    assert_eq!(insert.attributes["db.operation.batch.size"], 10);
    let text = insert.attributes["db.query.text"].as_str().unwrap();
    assert!(text.ends_with("VALUES (?, ?, ?, ?, ?, ?, ?, ?), …"), "{text}");
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

fn a_sampled_trace_holds_the_statements(database: &TestDatabase) {
    migrate(database);
    // The third registration of the batch is the sampled one.
    let asked = AtomicU32::new(0);
    let is_sampled = Arc::new(move |_: &tracing::Span| asked.fetch_add(1, Ordering::Relaxed) == 2);
    let writer = Writer::new(open(database), WriteOptions { is_sampled, ..write_options() });
    let registrations = keyless_students(1..=4);
    let (_, captured) = capture(|| insert_in_traces(&writer, registrations));
    let [insert] = spans(&captured, "INSERT students")[..] else { panic!("not one statement") };
    let mut requests = spans(&captured, "request");
    requests.sort_by_key(|request| request.start_time_ns);
    assert_eq!(insert.trace_id, requests[2].trace_id);
}

fn batches_have_a_maximum_size(database: &TestDatabase) {
    migrate(database);
    let options = WriteOptions { max_batch_size: 4, ..write_options() };
    let (answers, captured) = capture(|| {
        let writer = Writer::new(open(database), options);
        insert_all(&writer, keyless_students(1..=9))
    });
    assert!(all_created(&answers), "{answers:?}");
    assert_eq!(spans(&captured, "INSERT students").len(), 3);
    assert_eq!(captured.metric("db_insert_batch_size{}"), Some(3.0));
}

fn an_insert_expires_in_the_queue(test_database: &TestDatabase) {
    migrate(test_database);
    let options = PoolOptions { timeout: Duration::from_millis(1), ..OPTIONS };
    let (answer, captured) = capture(|| {
        let database = Database::open(test_database.url().parse().unwrap(), options);
        let writer = Writer::new(database, write_options());
        let pending = writer.enqueue(keyless(&student(1, "late@example.org")));
        let since = std::time::Instant::now();
        while since.elapsed() <= options.timeout {
            std::thread::yield_now();
        }
        write_until_answered(&writer, [pending]).remove(0)
    });
    assert_eq!(reason(answer), Unavailability::PoolExhausted);
    let series = "db_client_connection_timeouts_total{pool=\"registration\"}";
    assert_eq!(captured.metric(series), Some(1.0));
    let [connected] = spans(&captured, "create_db_connection")[..] else { panic!("not one wait") };
    assert_eq!(connected.attributes["error.type"], "pool_exhausted");
    assert_eq!(test_database.emails(), [""; 0]);
}

fn a_statement_is_a_span_and_a_timing(database: &TestDatabase) {
    let zoe = student(1, "zoe@example.org");
    let (_, captured) = capture(|| insert(&writer(database), std::slice::from_ref(&zoe)));

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
    assert!(text.ends_with("VALUES (?, ?, ?, ?, ?, ?, ?, ?)"), "{text}");
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
    // The connection was checked out and in again.
    for (state, value) in [("used", 0.0), ("idle", 0.0)] {
        let series =
            format!("db_client_connection_count{{pool=\"registration\",state=\"{state}\"}}");
        assert_eq!(captured.metric(&series), Some(value), "{state}");
    }
}

fn a_failed_statement_has_the_servers_error_number(database: &TestDatabase) {
    let writer = writer(database);
    insert(&writer, &[student(1, "zoe@example.org")]);
    let zoe = [student(2, "zoe@example.org")];
    let expect = |mysql: &str, sqlite: &str| {
        let (_, captured) = capture(|| insert_all(&writer, zoe.iter().map(keyless)));
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
        // The error is recorded where it is handled.
        assert!(captured.spans.iter().all(|span| span.events.is_empty()));
        assert!(captured.logs.is_empty(), "{:?}", captured.logs);
    };
    expect("1062", "unique_violation");
    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    expect("1054", "database_error");
    let off = match database.backend() {
        Backend::Sqlite => "PRAGMA foreign_keys = OFF",
        Backend::Mysql => "SET foreign_key_checks = 0",
    };
    database.execute(&format!("{off}; DROP TABLE idempotency_keys; DROP TABLE students"));
    expect("1146", "database_error");
}
