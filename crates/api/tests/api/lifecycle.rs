//! How the program starts, refuses to start, and stops.

use std::{
    cell::Cell,
    collections::BTreeSet,
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, DatabaseServer, ServiceBuilder, TestDatabase, mariadb_trial, on_every_backend,
    telemetry::{OtlpReceiver, traces},
    trials, wait_until,
};
use serde_json::Value;

use crate::{
    support::{BINARY, builder, client, get, metric, post, problem, raw, registration, start},
    traces::{exporting, leads_to_its_statement},
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        every_configuration_error_is_reported_at_once,
        a_port_in_use_is_named,
        an_unreachable_database_stops_the_start,
        healthcheck_reports_by_exit_code,
        healthcheck_answers_while_clients_hold_every_connection,
        requests_are_served_during_the_shutdown_delay,
        the_last_request_before_shutdown_is_exported,
    ];
    trials.push(mariadb_trial("a_frozen_server_stops_the_start", a_frozen_server_stops_the_start));
    trials.extend(on_every_backend![
        requests_in_flight_are_finished_on_sigterm,
        nothing_is_lost_on_sigterm_under_load,
        instances_can_start_concurrently,
    ]);
    trials
}

fn run(command: &str, environment: &[(&str, &str)]) -> (i32, String) {
    let mut program = Command::new(BINARY);
    program.arg(command).env_clear().envs(environment.iter().copied());
    let output = program.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn every_configuration_error_is_reported_at_once() {
    let (code, text) = run(
        "serve",
        &[
            ("LISTEN_ADDR", "nowhere"),
            ("DATABASE_URL", "mysq://registrar:correct-horse@db/school"),
            ("DATABASE_POOL_SIZE", "none"),
            ("LOG_FORMAT", "xml"),
        ],
    );
    assert_eq!(code, 2);
    for variable in ["LISTEN_ADDR", "DATABASE_URL", "DATABASE_POOL_SIZE", "LOG_FORMAT"] {
        assert!(text.contains(variable), "{text}");
    }
    assert!(!text.contains("correct-horse"), "{text}");
    let (code, text) = run("serve", &[("DATABASE_URL", "")]);
    assert_eq!(code, 2);
    assert!(text.contains("DATABASE_URL (--database-url) is empty"), "{text}");
}

fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let database = TestDatabase::new(Backend::Sqlite);
    let (code, text) = run(
        "serve",
        &[("LISTEN_ADDR", &address), ("ADMIN_LISTEN_ADDR", ""), ("DATABASE_URL", database.url())],
    );
    assert_eq!(code, 1);
    assert!(text.contains(&format!("cannot listen on {address} (LISTEN_ADDR)")), "{text}");
}

fn an_unreachable_database_stops_the_start() {
    let url = "mysql://registrar:correct-horse@127.0.0.1:1/school";
    let (code, text) = run("serve", &[("LISTEN_ADDR", "127.0.0.1:0"), ("DATABASE_URL", url)]);
    assert_eq!(code, 1);
    assert!(text.contains("cannot open the database at mysql://127.0.0.1:1/school"), "{text}");
    assert!(!text.contains("correct-horse"), "{text}");
}

fn a_frozen_server_stops_the_start() {
    let server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    server.freeze();
    let (code, text) = run("migrate", &[("DATABASE_URL", database.url())]);
    server.thaw();
    assert_eq!(code, 1);
    assert!(text.contains("the server did not answer within 10 seconds"), "{text}");
}

fn healthcheck_reports_by_exit_code() {
    let database = TestDatabase::new(Backend::Sqlite);
    let mut service = start(&database);
    let address = service.address().to_owned();
    let check = || run("healthcheck", &[("LISTEN_ADDR", &address)]);
    assert_eq!(check(), (0, String::new()));
    database.execute("DELETE FROM __diesel_schema_migrations");
    // Readiness may be a second old.
    let mut report = check();
    let is_not_ready = wait_until(Duration::from_secs(10), || {
        report = check();
        report.0 == 1
    });
    assert!(is_not_ready && report.1.contains("migrations_pending"), "{report:?}");
    service.kill();
    assert_eq!(check().0, 1);
}

fn healthcheck_answers_while_clients_hold_every_connection() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database).env("WORKERS", "2").env("MAX_CONNECTIONS", "2");
    let service = service.env("CLIENT_TIMEOUT", "60").start();
    let held: Vec<_> = (0..8).map(|_| TcpStream::connect(service.address()).unwrap()).collect();
    let open = || metric(&service, "http_connections{listener=\"application\"}");
    assert!(wait_until(Duration::from_secs(10), || open() >= 2.0));
    let admin = service.admin_url("").replace("http://", "");
    let settings = [("LISTEN_ADDR", service.address()), ("ADMIN_LISTEN_ADDR", &admin)];
    assert_eq!(run("healthcheck", &settings), (0, String::new()));
    drop(held);
}

fn requests_in_flight_are_finished_on_sigterm(database: &TestDatabase) {
    let service = builder(database).env("RUST_LOG", "debug").start();
    assert_eq!(post(&service, &registration("before@example.org")).status(), 201);
    // A lock holds one request under way for as long as it takes.
    let lock = database.lock_email("held@example.org");
    let (url, admin_url) = (service.url("/register"), service.admin_url("/health/ready"));
    let under_way = thread::spawn(move || {
        client().post(url).json(&registration("held@example.org")).send().unwrap().status()
    });
    let arrived = Cell::new(0);
    let _ = service.wait_for_log(|line| {
        arrived.set(arrived.get() + i32::from(line["body"] == "Incoming request"));
        arrived.get() == 2
    });
    service.terminate();
    let _ = service.wait_for_log(|line| line["body"] == "Shutdown started");

    let reasons = problem(get(&admin_url, "*/*"))["reasons"].clone();
    assert_eq!(reasons[0], "shutting_down");
    drop(lock);
    assert_eq!(under_way.join().unwrap(), 201);
    assert_eq!(service.wait().code(), Some(0));
    assert_eq!(database.emails(), ["before@example.org", "held@example.org"]);
}

fn requests_are_served_during_the_shutdown_delay() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database).env("SHUTDOWN_DELAY", "60").start();
    service.terminate();
    let _ = service.wait_for_log(|line| line["body"] == "Shutdown started");
    // Still accepting, so that load balancers have time to see this:
    let answer =
        raw(&service, b"GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("shutting_down"), "{answer}");
    assert_eq!(post(&service, &registration("late@example.org")).status(), 201);
}

fn instances_can_start_concurrently(database: &TestDatabase) {
    let instances = ServiceBuilder::start_all((0..3).map(|_| builder(database)));
    let statuses: Vec<_> = instances
        .iter()
        .map(|service| post(service, &registration("zoe@example.org")).status().as_u16())
        .collect();
    assert_eq!(statuses, [201, 409, 409]);
    for service in &instances {
        let body: Value = get(&service.url("/health"), "*/*").json().unwrap();
        assert_eq!(body["status"], "ok");
    }
}

fn the_last_request_before_shutdown_is_exported() {
    // Long delays: what arrives was sent because the service ended.
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.http_endpoint())
        .env("OTEL_BSP_SCHEDULE_DELAY", "600000")
        .env("OTEL_BLRP_SCHEDULE_DELAY", "600000")
        .start();
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    service.terminate();
    assert!(service.wait().success());
    assert!(receiver.spans().iter().any(|span| span.name == "POST /register"));
    let bodies: Vec<_> = receiver.logs().into_iter().map(|log| log.body).collect();
    for body in ["Request completed", "Stopped"] {
        assert!(bodies.contains(&body.to_owned()), "{bodies:?}");
    }
}

fn nothing_is_lost_on_sigterm_under_load(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver)
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "100000")
        .env("OTEL_BLRP_MAX_QUEUE_SIZE", "100000")
        .env("SHUTDOWN_DELAY", "3")
        .start();
    // Clients go on until readiness tells them, as it tells a load balancer, to go elsewhere. None of
    // them may be let down before.
    let stopping = AtomicBool::new(false);
    let (sender, acknowledged) = mpsc::channel();
    let registered: Vec<String> = thread::scope(|threads| {
        for thread in 0..8 {
            let (service, stopping, sender) = (&service, &stopping, sender.clone());
            threads.spawn(move || {
                let client = client();
                for number in 0.. {
                    let email = format!("zoe{number}@t{thread}.example");
                    let request = client.post(service.url("/register"));
                    let answer = request.json(&registration(&email)).send().unwrap();
                    assert_eq!(answer.status(), 201);
                    sender.send(email).unwrap();
                    if stopping.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut registered: Vec<_> = acknowledged.iter().take(50).collect();
        service.terminate();
        while get(&service.admin_url("/health/ready"), "*/*").status() == 200 {}
        stopping.store(true, Ordering::Relaxed);
        registered.extend(acknowledged);
        registered
    });
    assert!(service.wait().success());
    let stored: BTreeSet<_> = database.emails().into_iter().collect();
    for email in &registered {
        assert!(stored.contains(email), "{email} was acknowledged, and is lost");
    }
    // Every one has its whole trace and its last log line.
    let spans = receiver.spans();
    let whole =
        traces(&spans).values().filter(|trace| leads_to_its_statement(trace, &spans)).count();
    assert!(whole >= registered.len(), "{whole} of {}", registered.len());
    let logs = receiver.logs();
    let completed = logs.iter().filter(|log| log.body == "Request completed").count();
    assert!(completed >= registered.len(), "{completed} of {}", registered.len());
}
