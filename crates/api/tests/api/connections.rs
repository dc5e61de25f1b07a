//! Connections: every phase has a time limit, and their number one below that of open files.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, TestDatabase, peak_memory, trials, wait_until, with_open_files,
};
use socket2::SockRef;

use crate::support::{BINARY, builder, client, get, metric, post, registration, sqlite_with};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        every_phase_has_a_time_limit,
        a_client_that_does_not_read_is_closed,
        connections_stay_below_the_limit_of_open_files,
        too_few_open_files_for_the_workers_stop_the_start,
        nothing_after_a_close_is_served,
        a_body_is_asked_for_when_it_is_read,
        a_client_that_resets_its_connection_registers_nothing,
        unfinished_heads_take_little_memory,
    ]
}

/// `CLIENT_TIMEOUT` and `KEEP_ALIVE`: far enough apart to tell which one ended a connection.
const CLIENT: f64 = 1.0;
const KEEP_ALIVE: f64 = 4.0;
/// `ADMIN_KEEP_ALIVE`.
const ADMIN_KEEP_ALIVE: f64 = 5.0;
/// How late a busy machine may be.
const LATE: f64 = 2.0;

const GET: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
const CHUNKED: &str = "POST /PATH HTTP/1.1\r\nhost: x\r\ncontent-type: TYPE\r\n\
                       transfer-encoding: chunked\r\n\r\nfffffff\r\n";

/// What a client does after it has sent its text.
#[derive(Clone, Copy)]
enum Then {
    Waits,
    /// Sends a byte now and then.
    Trickles,
    /// Sends as fast as it can.
    Floods,
    /// Closes for writing.
    Finishes,
}

/// What is sent when, and the end: statuses, and seconds after the last answer, or the beginning.
struct Timeline {
    name: &'static str,
    /// One after the other: each but the last is answered before the next is sent.
    sent: Vec<String>,
    then: Then,
    statuses: &'static [u16],
    closed_after: f64,
}

fn timeline(
    name: &'static str,
    sent: &[&str],
    then: Then,
    statuses: &'static [u16],
    closed_after: f64,
) -> Timeline {
    let sent = sent.iter().map(|text| (*text).to_owned()).collect();
    Timeline { name, sent, then, statuses, closed_after }
}

fn timelines(keep_alive: f64) -> Vec<Timeline> {
    use Then::{Finishes, Floods, Trickles, Waits};
    let chunked = |path: &str| CHUNKED.replace("PATH", path).replace("TYPE", "application/json");
    let (unknown, head) = (chunked("nope"), "GET / HTTP/1.1\r\nhost: x\r\nx: ");
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000));
    let tunnel = format!("CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\ncontent-length: 1\r\n\r\na{GET}");
    let large = format!("{head}{}\r\n\r\n", "a".repeat(20_000));
    vec![
        timeline("nothing", &[], Waits, &[], CLIENT),
        timeline("half a head", &[head], Waits, &[408], CLIENT),
        timeline("a trickled head", &[head], Trickles, &[408], CLIENT),
        timeline("a request", &[GET, ""], Waits, &[200], keep_alive),
        timeline("a request, the client finished", &[GET], Finishes, &[200], 0.0),
        timeline("half a second head", &[GET, head], Waits, &[200, 408], CLIENT),
        timeline("a trickled second head", &[GET, head], Trickles, &[200, 408], CLIENT),
        timeline("pipelined requests", &[&GET.repeat(3)], Waits, &[200, 200, 200], keep_alive),
        timeline("an unread body, unfinished", &[&unknown], Waits, &[404], CLIENT),
        timeline("an unread body, trickled", &[&unknown], Trickles, &[404], CLIENT),
        timeline("an unread body, endless", &[&unknown], Floods, &[404], 0.0),
        timeline("a target too long", &[&long], Waits, &[414], 0.0),
        timeline("a head too large", &[&large], Waits, &[431], 0.0),
        timeline(
            "a target that is no URI",
            &["GET /<a> HTTP/1.1\r\nhost: x\r\n\r\n"],
            Waits,
            &[400],
            0.0,
        ),
        timeline("a tunnel with a body", &[&tunnel], Waits, &[400], 0.0),
        timeline(
            "a line break behind a request",
            &[&format!("{GET}\r\n"), "\r\n"],
            Waits,
            &[200],
            keep_alive,
        ),
        timeline("no HTTP", &["\0\0\0\r\n\r\n"], Waits, &[400], 0.0),
    ]
}

/// Those of the application alone.
fn bodies() -> Vec<Timeline> {
    use Then::{Floods, Waits};
    let chunked = |kind: &str| CHUNKED.replace("PATH", "register").replace("TYPE", kind);
    let (json, xml) = (chunked("application/json"), chunked("application/xml"));
    vec![
        // The answer comes after one time limit; what the client may still send is read for another.
        timeline("an unfinished body", &[&json], Waits, &[408], CLIENT * 2.0),
        timeline("an endless body", &[&json], Floods, &[413], 0.0),
        timeline("an endless body of another type", &[&xml], Floods, &[415], 0.0),
    ]
}

fn every_phase_has_a_time_limit() {
    let settings = [("CLIENT_TIMEOUT", "1"), ("KEEP_ALIVE", "4")];
    let (_database, service) = sqlite_with(&settings);
    let admin = service.admin_url("");
    let admin = admin.trim_start_matches("http://");
    thread::scope(|scope| {
        for timeline in timelines(KEEP_ALIVE).into_iter().chain(bodies()) {
            scope.spawn(|| play(service.address(), timeline));
        }
        for timeline in timelines(ADMIN_KEEP_ALIVE) {
            scope.spawn(|| play(admin, timeline));
        }
    });
    for (listener, phase) in ["application", "admin"].into_iter().flat_map(|listener| {
        ["first_head", "head", "remainder", "idle"].map(move |phase| (listener, phase))
    }) {
        let series =
            format!("http_connections_closed_total{{listener=\"{listener}\",phase=\"{phase}\"}}");
        assert!(metric(&service, &series) > 0.0, "{series}");
    }
    assert!(wait_until(Duration::from_secs(5), || {
        metric(&service, "http_connections{listener=\"application\"}") == 0.0
    }));
}

fn play(address: &str, timeline: Timeline) {
    let Timeline { name, sent, then, statuses, closed_after } = timeline;
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut started, mut answers) = (Instant::now(), Vec::new());
    let last = sent.len().saturating_sub(1);
    for (at, text) in sent.iter().enumerate() {
        connection.write_all(text.as_bytes()).unwrap();
        if at < last {
            let mut answer = [0; 16 * 1024];
            let length = connection.read(&mut answer).unwrap();
            answers.extend_from_slice(&answer[..length]);
            started = Instant::now();
        }
    }
    let flooded = match then {
        Then::Waits => 0,
        Then::Finishes => connection.shutdown(Shutdown::Write).map(|()| 0).unwrap(),
        Then::Trickles => {
            trickle(&mut connection, &mut answers);
            0
        }
        Then::Floods => flood(&mut connection),
    };
    // A reset, where the service has closed while more was sent.
    let _ = connection.read_to_end(&mut answers);
    let took = started.elapsed().as_secs_f64();
    let answers = String::from_utf8_lossy(&answers);
    let seen: Vec<u16> =
        answers.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect();
    assert_eq!(seen, statuses, "{name}: {answers}");
    let early = if closed_after > 0.0 { 0.1 } else { 0.0 };
    assert!(took >= closed_after - early, "{name}: closed after {took} s");
    assert!(took <= closed_after + LATE, "{name}: closed after {took} s");
    // The sockets' buffers, besides what the service reads.
    assert!(flooded < 24 << 20, "{name}: {flooded} bytes were taken");
}

fn trickle(connection: &mut TcpStream, answers: &mut Vec<u8>) {
    connection.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut answer = [0; 4096];
    while connection.write_all(b"a").is_ok() {
        match connection.read(&mut answer) {
            Ok(0) => return,
            Ok(length) => answers.extend_from_slice(&answer[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// The bytes that were sent, of 64 MiB.
fn flood(connection: &mut TcpStream) -> usize {
    connection.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let block = [b'a'; 64 * 1024];
    (0..1024).map_while(|_| connection.write(&block).ok()).sum()
}

fn a_client_that_does_not_read_is_closed() {
    let (_database, service) = sqlite_with(&[("CLIENT_TIMEOUT", "1"), ("KEEP_ALIVE", "60")]);
    let mut connection = TcpStream::connect(service.address()).unwrap();
    connection.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let requests = "GET / HTTP/1.1\r\nhost: x\r\naccept: text/html\r\n\r\n".repeat(500);
    let started = Instant::now();
    while connection.write_all(requests.as_bytes()).is_ok() {}
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let closed = "http_connections_closed_total{listener=\"application\",phase=\"response\"}";
    assert_eq!(metric(&service, closed), 1.0);
}

fn connections_stay_below_the_limit_of_open_files() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service =
        builder(&database).open_files(256).env("WORKERS", "2").env("CLIENT_TIMEOUT", "1").start();
    let held: Vec<_> = (0..400)
        .map(|_| {
            let mut connection = TcpStream::connect(service.address()).unwrap();
            let _ = connection.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n");
            connection
        })
        .collect();
    let open = || metric(&service, "http_connections{listener=\"application\"}");
    assert!(wait_until(Duration::from_secs(3), || open() >= 60.0));
    for _ in 0..5 {
        assert_eq!(get(&service.admin_url("/health/ready"), "*/*").status(), 200);
        // 256 less what the process keeps for itself.
        assert!(open() <= 80.0, "{}", open());
    }
    // Those that hold the connections lose them, and the next applicant is served.
    assert_eq!(post(&service, &registration("next@example.org")).status(), 201);
    let log = service.log_lines().concat();
    assert!(!log.contains("Error accepting connection"), "{log}");
    drop(held);
}

fn too_few_open_files_for_the_workers_stop_the_start() {
    let database = TestDatabase::new(Backend::Sqlite);
    let run = |setting: (&str, &str)| {
        let output = with_open_files(BINARY, 1024)
            .arg("serve")
            .env_clear()
            .envs([("DATABASE_URL", database.url()), ("LISTEN_ADDR", "127.0.0.1:0"), setting])
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for setting in [("WORKERS", "256"), ("MAX_CONNECTIONS", "1000")] {
        let (code, text) = run(setting);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("open files") && text.contains(setting.0), "{text}");
    }
}

/// Without an address, such a client would have no quota.
fn a_client_that_resets_its_connection_registers_nothing() {
    let (database, service) = sqlite_with(&[("RATE_LIMIT", "client=1/3600")]);
    service.freeze();
    for number in 0..10 {
        let body = registration(&format!("{number}@example.org")).to_string();
        let head = "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
        let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let mut connection = TcpStream::connect(service.address()).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        SockRef::from(&connection).set_linger(Some(Duration::ZERO)).unwrap();
    }
    service.thaw();
    // Accepted behind them.
    assert_eq!(post(&service, &registration("last@example.org")).status(), 201);
    let open = "http_connections{listener=\"application\"}";
    assert!(wait_until(Duration::from_secs(5), || metric(&service, open) <= 1.0));
    assert_eq!(database.emails(), ["last@example.org"]);
}

fn unfinished_heads_take_little_memory() {
    const HEADS: usize = 400;
    let (_database, service) = sqlite_with(&[]);
    assert_eq!(post(&service, &registration("first@example.org")).status(), 201);
    let before = peak_memory(service.pid());
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "a".repeat(15_000));
    let held: Vec<_> = (0..HEADS)
        .map(|_| {
            let mut connection = TcpStream::connect(service.address()).unwrap();
            connection.write_all(head.as_bytes()).unwrap();
            connection
        })
        .collect();
    let open = || metric(&service, "http_connections{listener=\"application\"}");
    assert!(wait_until(Duration::from_secs(5), || open() >= HEADS as f64));
    let each = (peak_memory(service.pid()) - before) * 1024.0 / HEADS as f64;
    assert!(each < 48.0, "{each} KiB");
    drop(held);
}

fn nothing_after_a_close_is_served() {
    let (_database, service) = sqlite_with(&[]);
    let mut connection = TcpStream::connect(service.address()).unwrap();
    let requests = format!("{}{}", GET.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"), GET);
    connection.write_all(requests.as_bytes()).unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    let live = "http_requests_total{method=\"GET\",endpoint=\"/health/live\",status_code=\"200\"}";
    assert_eq!(metric(&service, live), 1.0);
}

fn a_body_is_asked_for_when_it_is_read() {
    let (_database, service) = sqlite_with(&[]);
    let body = registration("patient@example.org").to_string();
    let send = |path: &str, length: usize| {
        let mut connection = TcpStream::connect(service.address()).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {length}\r\nexpect: 100-continue\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut status = [0; 12];
        connection.read_exact(&mut status).unwrap();
        (connection, String::from_utf8_lossy(&status).into_owned())
    };
    for (path, length, status) in [("/register", 16 * 1024 + 1, 413), ("/nope", 10, 404)] {
        assert_eq!(send(path, length).1, format!("HTTP/1.1 {status}"));
    }
    let (mut connection, status) = send("/register", body.len());
    assert_eq!(status, "HTTP/1.1 100");
    connection.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 201 "), "{answer}");
    assert_eq!(client().get(service.url("/")).send().unwrap().status(), 200);
}
