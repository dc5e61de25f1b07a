//! A running subject on a database of its own.

use std::{
    fs::File,
    io::{Read as _, Seek as _, Write as _},
    net::TcpStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use clap::Parser as _;
use registration_load::Report;
use registration_testkit::{Backend, TestDatabase, free_address};

use crate::{
    process::{Process, command, cpu_time, sibling},
    sample::Sample,
    subject::{Receiver, Subject},
};

/// How long a service may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// In seconds: the start is not measured.
const WARM_UP: f64 = 0.5;

/// A running subject. Ends when dropped, before its database.
pub(crate) struct Running<'a> {
    pub(crate) process: Process,
    address: String,
    database: Option<&'a TestDatabase>,
    /// The process of the database's server, where there is one.
    server: Option<u32>,
    /// Rows in the table at the start.
    rows: u64,
    acknowledged: u64,
    _receiver: Option<Process>,
}

impl<'a> Running<'a> {
    /// Starts the subject and waits until it listens. The database may be empty; the bare handler
    /// uses none.
    pub(crate) fn start(subject: Subject, database: &'a TestDatabase) -> Self {
        if subject.backend.is_some() {
            return Self::start_program(&sibling("student-registration"), subject, database);
        }
        let (process, address) =
            Process::announced(&mut command(&sibling("examples/bare-handler")));
        Self {
            process,
            address,
            database: None,
            server: None,
            rows: 0,
            acknowledged: 0,
            _receiver: None,
        }
    }

    /// The same for this build of the service.
    pub(crate) fn start_program(
        program: &Path,
        subject: Subject,
        database: &'a TestDatabase,
    ) -> Self {
        // Without a log, as telemetry off means, the service does not report its port.
        let address = free_address();
        let mut log = tempfile::tempfile().unwrap();
        let mut command = command(program);
        command
            .env("LISTEN_ADDR", &address)
            .env("ADMIN_LISTEN_ADDR", "")
            .env("DATABASE_URL", database.url())
            .env("RATE_LIMIT", "off")
            .env("LOG_FORMAT", "json")
            .envs(subject.environment.iter().copied())
            .stdout(log.try_clone().unwrap());
        let receiver = subject.receiver.map(start_receiver);
        if let Some((_, endpoint)) = &receiver {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        }
        let mut process = Process::start(&mut command);
        wait_until_listening(&mut process, &address, &mut log);
        Self {
            process,
            address,
            database: Some(database),
            server: server_of(database),
            rows: count_rows(database),
            acknowledged: 0,
            _receiver: receiver.and_then(|(process, _)| process),
        }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Counts registrations that were acknowledged to others.
    pub(crate) fn add_acknowledged(&mut self, count: u64) {
        self.acknowledged += count;
    }

    /// Sends for a moment that is not measured.
    pub(crate) fn warm_up(&mut self, connections: u32) {
        self.load(connections, WARM_UP);
    }

    pub(crate) fn measure(&mut self, connections: u32, seconds: f64) -> Sample {
        let (before, server_before) = (self.process.cpu_time(), self.server_cpu_time());
        let load = self.load(connections, seconds);
        let cpu = self.process.cpu_time() - before;
        let server_cpu = self.server_cpu_time() - server_before;
        let (requests, acknowledged) = (load.requests as f64, load.acknowledged.len() as f64);
        let accepted = load.accepted_latency_ms.expect("no registration was acknowledged");
        Sample {
            rate: acknowledged / load.seconds,
            p50: accepted.p50,
            p99: accepted.p99,
            refused_p99: load.refused_latency_ms.map(|latency| latency.p99),
            refused: load.statuses.get("503").map_or(0.0, |count| *count as f64) / requests,
            errors: requests - acknowledged,
            cpu: cpu.as_secs_f64() * 1e6 / requests,
            server_cpu: server_cpu.as_secs_f64() * 1e6 / requests,
            memory: self.process.peak_memory(),
            dropped: self.dropped(),
        }
    }

    fn server_cpu_time(&self) -> Duration {
        self.server.map_or(Duration::ZERO, cpu_time)
    }

    /// Registers new applicants in a closed loop.
    fn load(&mut self, connections: u32, seconds: f64) -> Report {
        let host = format!("http://{}", self.address);
        let limits = [format!("--concurrency={connections}"), format!("--duration={seconds}")];
        let options = ["bench", "--mix=new=1", "--errors=100", "--host", &host];
        let options = options.into_iter().chain(limits.iter().map(String::as_str));
        let options = registration_load::Options::parse_from(options);
        let report = registration_load::run(&options, std::future::pending()).unwrap();
        self.acknowledged += report.acknowledged.len() as u64;
        report
    }

    /// Spans and log records that the service has dropped, by its metrics.
    fn dropped(&self) -> f64 {
        let Some(_) = self.database else { return 0.0 };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /metrics HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let mut metrics = String::new();
        stream.read_to_string(&mut metrics).unwrap();
        let lines = metrics.lines().filter(|line| line.starts_with("telemetry_dropped_total"));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    /// Ends the subject, and asserts that the table holds exactly what it has acknowledged.
    pub(crate) fn stop(self) {
        let Some(database) = self.database else { return };
        drop(self.process);
        let stored = count_rows(database) - self.rows;
        let acknowledged = self.acknowledged;
        assert_eq!(stored, acknowledged, "{stored} rows stored, {acknowledged} acknowledged");
    }
}

/// The process of the database's server.
fn server_of(database: &TestDatabase) -> Option<u32> {
    (database.backend() == Backend::Mysql).then(|| {
        let file = database.query_column("SELECT @@pid_file AS value").remove(0);
        std::fs::read_to_string(file).unwrap().trim().parse().unwrap()
    })
}

/// The number of students.
pub(crate) fn count_rows(database: &TestDatabase) -> u64 {
    let count = "SELECT CAST(COUNT(*) AS CHAR) AS value FROM students";
    database.query_column(count)[0].parse().unwrap()
}

/// The receiver's process, where there is one, and its endpoint.
fn start_receiver(receiver: Receiver) -> (Option<Process>, String) {
    match receiver {
        Receiver::Absent => (None, format!("http://{}", free_address())),
        Receiver::Mode(mode) => {
            let started = Process::announced(command(&sibling("otlp-receiver")).arg(mode));
            (Some(started.0), started.1)
        }
    }
}

fn wait_until_listening(process: &mut Process, address: &str, log: &mut File) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if process.has_ended() || begun.elapsed() > START_TIMEOUT {
            let mut text = String::new();
            log.rewind().unwrap();
            log.read_to_string(&mut text).unwrap();
            panic!("the service does not listen:\n{text}");
        }
        thread::park_timeout(Duration::from_millis(5));
    }
}
