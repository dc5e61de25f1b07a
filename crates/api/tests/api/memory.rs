//! Memory with every queue at its worst: a collector that accepts and never answers, standard output
//! that is not read, a database that stores nothing, and clients that send the largest messages within
//! their quota.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, TestDatabase, free_address, killed_with_parent, peak_memory,
    telemetry::{OtlpReceiver, ReceiverMode},
    trials, wait_until,
};
use serde_json::json;

use crate::{
    browser_spans::{message, span},
    support::BINARY,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![the_largest_messages_within_the_quota_fit_in_memory]
}

/// Maximum memory of the service, in MiB.
const LIMIT: f64 = 256.0;

/// Messages of sixteen browser spans: more than the queue of 2,048 holds, and within the quota.
const MESSAGES: usize = 300;

/// Requests without a quota, of a span and two log lines each: more than the queues of 2,048 spans,
/// 2,048 records and 8,192 lines hold.
const REQUESTS: usize = 4500;

/// Registrations: the quota of a client, and more than the write queue holds.
const REGISTRATIONS: usize = 1200;

/// Registrations that the write queue holds by default.
const QUEUED: f64 = 1024.0;

/// Of a host, which `Origin` repeats: a head holds 16 KiB.
const HEADER_BYTES: usize = 7_500;

const TIMEOUT: Duration = Duration::from_secs(60);

fn the_largest_messages_within_the_quota_fit_in_memory() {
    let receiver = OtlpReceiver::start();
    receiver.set_mode(ReceiverMode::Hang);
    let database = TestDatabase::new(Backend::Sqlite);
    let service = UnreadService::start(&database, &receiver);
    let long = "h".repeat(HEADER_BYTES);

    let texts = [
        ("http.request.method", json!({"stringValue": "POST"})),
        ("http.response.status_code", json!({"intValue": "201"})),
        ("http.request.resend_count", json!({"intValue": "100"})),
        ("error.type", json!({"stringValue": "timeout"})),
    ];
    let attributes = texts.map(|(key, value)| json!({"key": key, "value": value}));
    let attempt = span("POST", "00f067aa0ba902b7", 1, &attributes);
    let spans = message(&vec![attempt; 16]).to_string();
    let origin = format!("http://{long}");
    let headers = [
        ("host", long.as_str()),
        ("origin", &origin),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/json"),
    ];
    for _ in 0..MESSAGES {
        service.expect(" 200 ", "POST /telemetry/v1/traces", &headers, &spans);
    }
    let after_relayed_spans = service.peak();

    let long = &long[..4096];
    for number in 1..=REQUESTS {
        let parent = format!("00-{number:032x}-b7ad6b7169203331-01");
        let headers = [("host", long), ("user-agent", long), ("traceparent", &parent)];
        service.expect(
            " 404 ",
            &format!("{} {}", "M".repeat(900), "/%01".repeat(50)),
            &headers,
            "",
        );
    }
    let after_requests = service.peak();

    let lock = database.lock_email("held@example.org");
    let waiting: Vec<_> = (0..REGISTRATIONS).map(|number| service.register(number)).collect();
    let pending = "db_client_connection_pending_requests{pool=\"registration\"} ";
    assert!(wait_until(TIMEOUT, || service.metric(pending) >= QUEUED), "the queue is not full");
    drop((waiting, lock));

    for signal in ["traces", "relayed", "logs", "stdout"] {
        let dropped = service.metric(&format!("telemetry_dropped_total{{signal=\"{signal}\"}} "));
        assert!(dropped > 0.0, "the queue of {signal} is not full");
    }
    let peaks = [after_relayed_spans, after_requests, service.peak()];
    assert!(peaks[2] < LIMIT, "{peaks:?}");
}

/// A service whose standard output is never read.
struct UnreadService {
    process: Child,
    address: String,
    admin: String,
}

impl UnreadService {
    fn start(database: &TestDatabase, receiver: &OtlpReceiver) -> Self {
        let (address, admin) = (free_address(), free_address());
        let process = killed_with_parent(BINARY)
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("LISTEN_ADDR", &address)
            .env("ADMIN_LISTEN_ADDR", &admin)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint())
            .env("RUST_LOG", "trace")
            .env("DATABASE_POOL_TIMEOUT", "60")
            .env("REQUEST_TIMEOUT", "60")
            // A batch that waits for the lock keeps its registrations out of the queue.
            .env("DATABASE_BATCH_SIZE", "1")
            // One network has few answers in flight: the queue is filled by many.
            .env("RATE_LIMIT", "client=1200/60,email=10/600,duplicates=off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        assert!(wait_until(TIMEOUT, || TcpStream::connect(&admin).is_ok()), "it does not listen");
        Self { process, address, admin }
    }

    /// Sends a request and returns its connection, on which the answer arrives.
    fn send(&self, target: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut head = format!("{target} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = body.len();
        let request = format!("{head}content-length: {length}\r\n\r\n{body}");
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.set_read_timeout(Some(TIMEOUT)).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    }

    fn expect(&self, status: &str, target: &str, headers: &[(&str, &str)], body: &str) {
        let mut answer = Vec::new();
        self.send(target, headers, body).read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let line = answer.lines().next().unwrap_or_default();
        assert!(line.contains(status), "{line}");
    }

    /// A registration of the longest values, whose answer is not waited for.
    fn register(&self, number: usize) -> TcpStream {
        let name = "\u{20000}".repeat(100);
        let label = "e".repeat(60);
        let email = format!("{number:04}{label}@{label}.{label}.{label}.de");
        let key = format!("{number:0255}");
        let body = json!({"first_name": name, "last_name": name, "email": email});
        let headers =
            [("content-type", "application/json"), ("host", "x"), ("idempotency-key", &key)];
        self.send("POST /register", &headers, &body.to_string())
    }

    /// The value of a series, written with a space behind it.
    fn metric(&self, series: &str) -> f64 {
        let metrics = crate::support::get(&format!("http://{}/metrics", self.admin), "*/*");
        let metrics = metrics.text().unwrap();
        let value = metrics.lines().find_map(|line| line.strip_prefix(series));
        value.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().unwrap()
    }

    /// The most memory that it has taken so far, in MiB.
    fn peak(&self) -> f64 {
        peak_memory(self.process.id())
    }
}

impl Drop for UnreadService {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
