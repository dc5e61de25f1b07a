//! The database goes away, and comes back, while the service runs.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_testkit::{
    Applicant, Backend, DatabaseServer, Service, ServiceBuilder, TestDatabase, mariadb_trial,
    on_every_backend, on_sqlite, wait_until,
};
use reqwest::blocking::Response;
use serde_json::Value;

use crate::support::{builder, client, get, header, post, problem, registration};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_sqlite![a_read_only_file_is_an_outage];
    trials.extend(on_every_backend![
        a_locked_database_times_out,
        without_migrations_the_service_is_not_ready,
    ]);
    trials.push(mariadb_trial("a_killed_server_is_an_outage", a_killed_server_is_an_outage));
    trials.push(mariadb_trial("a_frozen_server_times_out", a_frozen_server_times_out));
    trials
}

/// The bound within which everything here is answered: timeouts are a second or less.
const BOUND: Duration = Duration::from_secs(8);

fn impatient(database: &TestDatabase) -> ServiceBuilder {
    builder(database).env("DATABASE_POOL_TIMEOUT", "0.5").env("REQUEST_TIMEOUT", "1")
}

fn start(database: &TestDatabase) -> Service {
    impatient(database).start()
}

fn assert_up(service: &Service, email: &str) {
    let response = post(service, &registration(email));
    assert_eq!(response.status(), 201, "{}", response.text().unwrap());
    wait_for_readiness(service, 200);
}

/// Readiness may be up to a second old.
fn wait_for_readiness(service: &Service, status: u16) -> Response {
    let ready = || get(&service.admin_url("/health/ready"), "*/*");
    assert!(wait_until(BOUND, || ready().status() == status), "readiness is not {status}");
    ready()
}

/// Up again by itself, as soon as the pool has noticed.
fn assert_recovers(service: &Service, email: &str) {
    wait_for_readiness(service, 200);
    assert_up(service, email);
}

fn assert_down(service: &Service, reason: &str) {
    let started = Instant::now();
    let response = post(service, &registration("down@example.org"));
    assert_eq!(response.status(), 503);
    assert_eq!(header(&response, "retry-after"), "5");
    let problem_body = problem(response);
    assert_eq!(problem_body["code"], "unavailable");
    assert_eq!(problem_body["trace_id"].as_str().unwrap().len(), 32);

    let form = Applicant::new("down@example.org");
    let response = client().post(service.url("/register")).form(&form).send().unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.text().unwrap().contains("value=\"down@example.org\""), "values are kept");

    assert_eq!(get(&service.url("/health/live"), "*/*").status(), 200);
    let ready = wait_for_readiness(service, 503);
    assert_eq!(problem(ready)["reasons"], Value::from(vec![reason]));
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
}

fn a_killed_server_is_an_outage() {
    let mut server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let service = start(&database);
    assert_up(&service, "before@example.org");
    server.kill();
    assert_down(&service, "database_unreachable");
    server.restart();
    assert_recovers(&service, "after@example.org");
    assert_eq!(database.emails(), ["after@example.org", "before@example.org"]);
}

fn a_frozen_server_times_out() {
    let server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let service = impatient(&database).env("DATABASE_POOL_SIZE", "1").start();
    assert_up(&service, "before@example.org");
    server.freeze();
    let started = Instant::now();
    thread::scope(|scope| {
        for number in 0..30 {
            let service = &service;
            scope.spawn(move || {
                let response = post(service, &registration(&format!("frozen{number}@example.org")));
                assert!([503, 504].contains(&response.status().as_u16()), "{}", response.status());
                assert_eq!(header(&response, "retry-after"), "5");
            });
        }
    });
    // The connection is stuck: a new request gets none, and is answered before its client gives up.
    assert_eq!(post(&service, &registration("late@example.org")).status(), 503);
    assert_eq!(get(&service.url("/health/live"), "*/*").status(), 200);
    wait_for_readiness(&service, 503);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    server.thaw();
    assert_recovers(&service, "after@example.org");
}

fn a_read_only_file_is_an_outage(database: &TestDatabase) {
    let service = start(database);
    assert_up(&service, "before@example.org");
    let set_mode = |mode| fs::set_permissions(database.name(), fs::Permissions::from_mode(mode));
    set_mode(0o444).unwrap();
    assert_down(&service, "database_not_writable");
    set_mode(0o644).unwrap();
    assert_up(&service, "after@example.org");
    assert_eq!(database.emails(), ["after@example.org", "before@example.org"]);
}

fn a_locked_database_times_out(database: &TestDatabase) {
    let service = start(database);
    assert_up(&service, "before@example.org");
    let lock = database.lock_email("held@example.org");
    let started = Instant::now();
    let response = post(&service, &registration("held@example.org"));
    assert!([503, 504].contains(&response.status().as_u16()), "{}", response.status());
    assert_eq!(get(&service.url("/health/live"), "*/*").status(), 200);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    drop(lock);
    assert_up(&service, "after@example.org");
}

fn without_migrations_the_service_is_not_ready(database: &TestDatabase) {
    if database.backend() == Backend::Sqlite {
        database.execute("VACUUM"); // makes the file
    }
    let service = builder(database).env("NO_MIGRATE", "true").start();
    assert_down(&service, "migrations_pending");
    let migrated = Command::new(crate::support::BINARY)
        .arg("migrate")
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(migrated.status.success());
    let folders = concat!(env!("CARGO_MANIFEST_DIR"), "/../../database/migrations/mysql");
    let versions: BTreeSet<String> = fs::read_dir(folders)
        .unwrap()
        .map(|folder| {
            folder.unwrap().file_name().to_str().unwrap().replace('-', "")[..14].to_owned()
        })
        .collect();
    let applied = format!("applied {}\n", Vec::from_iter(versions).join(", "));
    assert!(String::from_utf8_lossy(&migrated.stdout).ends_with(&applied), "{migrated:?}");
    assert_up(&service, "after@example.org");
}
