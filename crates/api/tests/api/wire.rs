//! The wire to the database breaks at every point: nothing acknowledged is lost, nothing is stored
//! twice, and the service resumes by itself.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_testkit::{Service, TestDatabase, WireMode, WireProxy, on_mysql, wait_until};
use reqwest::blocking::Response;

use crate::support::{BINARY, client, get, header, metric, problem, registration};

pub(crate) fn trials() -> Vec<Trial> {
    on_mysql![
        a_commit_cut_before_it_is_sent_is_repeated,
        a_commit_whose_answer_is_lost_is_replayed,
        a_commit_whose_answer_is_cut_short_is_replayed,
        connections_that_fall_silent_are_written_off,
        a_server_that_never_answers_is_an_outage,
        a_slow_wire_is_no_outage_until_a_statement_takes_too_long,
    ]
}

/// Number of connections in the pool.
const POOL: usize = 3;

/// Number of connections of the office, whose jobs use one each second.
const OFFICE: usize = 1;

/// `DATABASE_STATEMENT_TIMEOUT`, and `DATABASE_POOL_TIMEOUT`, which bounds pings: long enough to use the
/// pool up meanwhile.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(4);

/// Within this time the service has resumed: a statement that is written off, and an opening that is.
/// With the default of 15 s it is 25 s.
const BOUND: Duration = Duration::from_secs(15);

const STUCK: &str = "db_client_connection_stuck_total{pool=\"registration\"}";

fn start(database: &TestDatabase, proxy: &WireProxy) -> Service {
    let service = Service::builder(BINARY, &proxy.url(database))
        .env("DATABASE_POOL_SIZE", &POOL.to_string())
        .env("DESK_POOL_SIZE", &OFFICE.to_string())
        .env("DATABASE_POOL_TIMEOUT", &STATEMENT_TIMEOUT.as_secs().to_string())
        .env("DATABASE_STATEMENT_TIMEOUT", &STATEMENT_TIMEOUT.as_secs().to_string())
        .env("REQUEST_TIMEOUT", "1")
        .start();
    // The first connection may take longer than a request.
    assert!(wait_until(BOUND, || {
        get(&service.admin_url("/health/ready"), "*/*").status() == 200
    }));
    assert_eq!(send(&service, "before").status(), 201);
    service
}

/// Registers `name@example.org`, with its name as the idempotency key.
fn send(service: &Service, name: &str) -> Response {
    let request = client().post(service.url("/register")).header("idempotency-key", name);
    request.json(&registration(&format!("{name}@example.org"))).send().unwrap()
}

fn assert_unavailable(response: Response) {
    assert!([503, 504].contains(&response.status().as_u16()), "{}", response.status());
    assert_eq!(header(&response, "retry-after"), "5");
    assert!(["unavailable", "timeout"].contains(&problem(response)["code"].as_str().unwrap()));
}

fn assert_alive(service: &Service) {
    assert_eq!(get(&service.admin_url("/health/live"), "*/*").status(), 200);
}

/// Repeats a registration until it is answered 201, which happens within the bound; then all repetitions
/// have one answer, and the service is ready.
#[expect(clippy::print_stdout, reason = "the seconds are a finding, shown by --nocapture")]
fn assert_recovers(service: &Service, mode: WireMode, name: &str) {
    let began = Instant::now();
    let mut first = None;
    assert!(wait_until(BOUND, || {
        let response = send(service, name);
        match response.status().as_u16() {
            201 => first = Some(response.text().unwrap()),
            // The first request may still hold its key.
            409 => assert_eq!(problem(response)["code"], "request_in_progress"),
            _ => assert_unavailable(response),
        }
        first.is_some()
    }));
    println!("{mode:?}: registrations after {:.1} s", began.elapsed().as_secs_f64());
    let again = send(service, name);
    assert_eq!(again.status(), 201);
    assert_eq!(again.text().unwrap(), first.unwrap());
    assert!(wait_until(BOUND, || {
        get(&service.admin_url("/health/ready"), "*/*").status() == 200
    }));
    assert_alive(service);
}

/// Each address once.
fn assert_stored(database: &TestDatabase, names: &[&str]) {
    let emails: Vec<_> = names.iter().map(|name| format!("{name}@example.org")).collect();
    assert_eq!(database.emails(), emails);
}

/// A registration whose commit is cut is answered 503, is stored or not, and is stored once when it is
/// repeated.
fn cut(database: &TestDatabase, mode: WireMode, is_stored: bool) {
    let proxy = WireProxy::start(database);
    let service = start(database, &proxy);
    proxy.set_mode(mode);
    assert_unavailable(send(&service, "cut"));
    assert_eq!(proxy.cuts(), 1);
    assert_stored(database, if is_stored { &["before", "cut"] } else { &["before"] });
    assert_alive(&service);
    assert_recovers(&service, mode, "cut");
    assert_eq!(send(&service, "later").status(), 201);
    assert_stored(database, &["before", "cut", "later"]);
    let replayed = "student_registration_requests_total{method=\"POST\",outcome=\"replayed\"}";
    assert_eq!(metric(&service, replayed), if is_stored { 2.0 } else { 1.0 });
    assert_eq!(metric(&service, STUCK), 0.0);
}

fn a_commit_cut_before_it_is_sent_is_repeated(database: &TestDatabase) {
    cut(database, WireMode::CutBefore, false);
}

fn a_commit_whose_answer_is_lost_is_replayed(database: &TestDatabase) {
    cut(database, WireMode::CutAfter, true);
}

fn a_commit_whose_answer_is_cut_short_is_replayed(database: &TestDatabase) {
    cut(database, WireMode::CutWithin, true);
}

/// Opens every connection of the pool, then uses all of them up with statements that are never
/// answered, and calls `then` at once.
fn swallow(service: &Service, proxy: &WireProxy, then: impl FnOnce()) {
    let number = AtomicUsize::new(0);
    let name = |prefix| format!("{prefix}{}", number.fetch_add(1, Ordering::Relaxed));
    // Of one scrape: between two, a connection may go from idle to used and be counted twice.
    let connections = || {
        let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
        let of_pool =
            |line: &&str| line.starts_with("db_client_connection_count{pool=\"registration\"");
        let counts = metrics.lines().filter(of_pool).filter_map(|line| line.rsplit(' ').next());
        counts.map(|count| count.parse::<usize>().unwrap()).sum::<usize>()
    };
    thread::scope(|scope| {
        proxy.set_mode(WireMode::Delay(Duration::from_millis(60)));
        assert!(wait_until(BOUND, || {
            let name = name("fill");
            scope.spawn(move || send(service, &name).status());
            connections() >= POOL
        }));
        proxy.set_mode(WireMode::Swallow);
        assert!(wait_until(BOUND, || {
            let name = name("silent");
            scope.spawn(move || assert_unavailable(send(service, &name)));
            proxy.swallowed() >= POOL + OFFICE
        }));
        then();
    });
}

/// The server answers, but on new connections only.
fn connections_that_fall_silent_are_written_off(database: &TestDatabase) {
    let proxy = WireProxy::start(database);
    let service = start(database, &proxy);
    swallow(&service, &proxy, || {
        proxy.set_mode(WireMode::Pass);
        assert_unavailable(send(&service, "used_up"));
        assert_alive(&service);
        assert_recovers(&service, WireMode::Swallow, "used_up");
    });
    assert!(wait_until(BOUND, || metric(&service, STUCK) >= 1.0));
    let _ = service.wait_for_log(|line| line["body"] == "Database connection written off");
    let stored = database.emails();
    assert_eq!(stored.iter().filter(|email| *email == "used_up@example.org").count(), 1);
}

fn a_server_that_never_answers_is_an_outage(database: &TestDatabase) {
    let proxy = WireProxy::start(database);
    let service = start(database, &proxy);
    swallow(&service, &proxy, || {});
    assert!(wait_until(BOUND, || metric(&service, STUCK) >= 1.0));
    // Longer than any limit: connections are written off, and new ones are not greeted.
    let began = Instant::now();
    while began.elapsed() < 3 * STATEMENT_TIMEOUT {
        assert_unavailable(send(&service, "during"));
        assert_alive(&service);
        let ready = get(&service.admin_url("/health/ready"), "*/*");
        assert_eq!(ready.status(), 503);
    }
    proxy.set_mode(WireMode::Pass);
    assert_recovers(&service, WireMode::Swallow, "during");
}

fn a_slow_wire_is_no_outage_until_a_statement_takes_too_long(database: &TestDatabase) {
    let proxy = WireProxy::start(database);
    let service = start(database, &proxy);
    proxy.set_mode(WireMode::Delay(Duration::from_millis(50)));
    assert_eq!(send(&service, "slow").status(), 201);
    assert_eq!(metric(&service, STUCK), 0.0);
    let mode = WireMode::Delay(2 * STATEMENT_TIMEOUT);
    proxy.set_mode(mode);
    assert_unavailable(send(&service, "stuck"));
    assert!(wait_until(BOUND, || metric(&service, STUCK) >= 1.0));
    assert_alive(&service);
    proxy.set_mode(WireMode::Pass);
    assert_recovers(&service, mode, "stuck");
    assert_stored(database, &["before", "slow", "stuck"]);
}
