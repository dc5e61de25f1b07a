//! A subject that runs, on a database of its own.

use std::{
    fs::File,
    io::{Read as _, Seek as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use registration_testkit::{TestDatabase, free_address};

use crate::{
    load::Load,
    process::{Process, program},
    sample::Sample,
    subject::Subject,
};

/// How long a service may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// In seconds; what is measured is not the start.
const WARM_UP: f64 = 0.5;

/// A subject that runs. It ends when this is dropped, before its database does.
pub(crate) struct Running<'a> {
    process: Process,
    address: String,
    database: Option<&'a TestDatabase>,
    /// In the table before anybody was registered.
    rows: u64,
    acknowledged: u64,
    _receiver: Option<Process>,
}

impl<'a> Running<'a> {
    /// Starts it on this database, which need not have tables yet, and waits until it listens. The
    /// bare handler uses none.
    pub(crate) fn start(subject: Subject, database: &'a TestDatabase) -> Self {
        if subject.backend.is_none() {
            return Self::bare();
        }
        let receiver = subject.exports().then(receiver);
        // Without a log, which telemetry off means, the service cannot say which port it was given.
        let address = free_address();
        let mut log = tempfile::tempfile().unwrap();
        let mut command = program("student-registration");
        command
            .env("LISTEN_ADDR", &address)
            .env("ADMIN_LISTEN_ADDR", "")
            .env("DATABASE_URL", database.url())
            .env("RATE_LIMIT", "off")
            .env("LOG_FORMAT", "json")
            .envs(subject.environment())
            .stdout(log.try_clone().unwrap());
        if let Some((_, endpoint)) = &receiver {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        }
        let mut process = Process::start(&mut command);
        wait_until_it_listens(&mut process, &address, &mut log);
        Self {
            process,
            address,
            database: Some(database),
            rows: rows(database),
            acknowledged: 0,
            _receiver: receiver.map(|(process, _)| process),
        }
    }

    fn bare() -> Self {
        let (process, address) = Process::announced(&mut program("examples/bare-handler"));
        Self { process, address, database: None, rows: 0, acknowledged: 0, _receiver: None }
    }

    /// Sends to it for a moment that does not count.
    pub(crate) fn warm_up(&mut self, connections: u32) {
        self.load(connections, WARM_UP);
    }

    /// Sends to it and counts.
    pub(crate) fn measure(&mut self, connections: u32, seconds: f64) -> Sample {
        let before = self.process.cpu();
        let load = self.load(connections, seconds);
        let cpu = self.process.cpu() - before;
        let (requests, acknowledged) = (load.number("/requests"), load.acknowledged() as f64);
        Sample {
            rate: acknowledged / load.number("/seconds"),
            p50: load.number("/accepted_latency_ms/p50"),
            p99: load.number("/accepted_latency_ms/p99"),
            refused_p99: load.maybe("/refused_latency_ms/p99"),
            refused: load.maybe("/statuses/503").unwrap_or_default() / requests,
            errors: requests - acknowledged,
            cpu: cpu.as_secs_f64() * 1e6 / requests,
            memory: self.process.peak_memory(),
            dropped: self.dropped(),
        }
    }

    fn load(&mut self, connections: u32, seconds: f64) -> Load {
        let load = Load::run(&format!("http://{}", self.address), connections, seconds);
        self.acknowledged += load.acknowledged();
        load
    }

    /// What the service's telemetry had to give up, as its metrics say.
    fn dropped(&self) -> f64 {
        let Some(_) = self.database else { return 0.0 };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /metrics HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let mut metrics = String::new();
        stream.read_to_string(&mut metrics).unwrap();
        let lines = metrics.lines().filter(|line| line.starts_with("telemetry_dropped_total"));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    /// Ends it, and everything where the table does not hold exactly what it has acknowledged.
    pub(crate) fn stop(self) {
        let Some(database) = self.database else { return };
        drop(self.process);
        let stored = rows(database) - self.rows;
        let acknowledged = self.acknowledged;
        assert_eq!(stored, acknowledged, "{stored} rows stored, {acknowledged} acknowledged");
    }
}

/// How many students there are.
pub(crate) fn rows(database: &TestDatabase) -> u64 {
    let count = "SELECT CAST(COUNT(*) AS CHAR) AS value FROM students";
    database.query_column(count)[0].parse().unwrap()
}

/// A receiver that throws away what it is sent, and its endpoint.
fn receiver() -> (Process, String) {
    Process::announced(program("otlp-receiver").arg("discard"))
}

fn wait_until_it_listens(process: &mut Process, address: &str, log: &mut File) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if process.has_ended() || begun.elapsed() > PATIENCE {
            let mut told = String::new();
            log.rewind().unwrap();
            log.read_to_string(&mut told).unwrap();
            panic!("the service does not listen:\n{told}");
        }
        thread::park_timeout(Duration::from_millis(5));
    }
}
