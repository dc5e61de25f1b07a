//! The service's binary, running on free ports.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    process::{killed_with_parent, with_file_size, with_open_files},
    telemetry::emitted,
};

/// How long a service may take to start, or to log what a test waits for.
const LOG_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a frozen service may hold up its end.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(5);

/// A running service. Killed when dropped, and with the thread that started it.
pub struct Service {
    process: Child,
    log: Arc<Log>,
    url: String,
    admin_url: String,
}

/// How a service is to be started.
pub struct ServiceBuilder {
    command: Command,
    binary: String,
}

impl ServiceBuilder {
    /// Sets an environment variable of the service.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Limits the service's open files.
    #[must_use]
    pub fn open_files(self, limit: u32) -> Self {
        let command = with_open_files(&self.binary, limit);
        self.started_by(command)
    }

    /// Limits each file that the service writes, in bytes: beyond it the disk is full.
    #[must_use]
    pub fn file_size(self, limit: u32) -> Self {
        let command = with_file_size(&self.binary, limit);
        self.started_by(command)
    }

    fn started_by(self, mut command: Command) -> Self {
        let set = self.command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        serve(command.env_clear().envs(set));
        Self { command, ..self }
    }

    /// Starts the service and waits until it listens.
    ///
    /// # Panics
    ///
    /// Where it ends or logs nothing instead; with what it wrote.
    #[must_use]
    pub fn start(self) -> Service {
        self.spawn().listening()
    }

    /// Starts several services at once and waits until each listens.
    #[must_use]
    pub fn start_all(services: impl IntoIterator<Item = Self>) -> Vec<Service> {
        let started: Vec<_> = services.into_iter().map(Self::spawn).collect();
        started.into_iter().map(Service::listening).collect()
    }

    fn spawn(mut self) -> Service {
        let mut process = self.command.spawn().unwrap();
        let log = Log::follow(process.stdout.take().unwrap(), process.stderr.take().unwrap());
        Service { process, log, url: String::new(), admin_url: String::new() }
    }
}

impl Service {
    /// A service on free ports and on this database, without rate limits; nothing else configured.
    #[must_use]
    pub fn builder(binary: &str, database_url: &str) -> ServiceBuilder {
        let mut command = killed_with_parent(binary);
        command
            .env_clear()
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("ADMIN_LISTEN_ADDR", "127.0.0.1:0")
            .env("DATABASE_URL", database_url)
            .env("RATE_LIMIT", "off");
        serve(&mut command);
        ServiceBuilder { command, binary: binary.to_owned() }
    }

    fn listening(mut self) -> Self {
        let url = |name: &str| {
            let line = self.wait_for_log(|line| {
                line["body"] == "Listening" && line["attributes"]["listener"] == name
            });
            format!("http://{}", line["attributes"]["address"].as_str().unwrap())
        };
        (self.url, self.admin_url) = (url("application"), url("admin"));
        self
    }

    /// The application's URL for this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The admin listener's URL for this path.
    #[must_use]
    pub fn admin_url(&self, path: &str) -> String {
        format!("{}{path}", self.admin_url)
    }

    /// The application's `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Waits for a log line that `wanted` likes and returns it.
    ///
    /// # Panics
    ///
    /// Where none comes; with what was logged.
    #[must_use]
    pub fn wait_for_log(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.log.wait_for(wanted)
    }

    /// Every line written so far, on standard output or standard error.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().0.clone()
    }

    /// The service's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks the service to stop, as an orchestrator does, and does not wait.
    pub fn terminate(&self) {
        self.record_metrics();
        self.signal("-TERM");
    }

    /// Stops the service where it stands: it keeps its connections and answers nothing.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets a frozen service go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Records the metrics for [`emitted`]; none where the service does not answer.
    fn record_metrics(&self) {
        let scrape = || {
            let address = self.admin_url.trim_start_matches("http://");
            let mut connection = TcpStream::connect(address)?;
            connection.set_read_timeout(Some(SCRAPE_TIMEOUT))?;
            connection
                .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            io::read_to_string(connection)
        };
        if let Ok(answer) = scrape()
            && let Some((_head, body)) = answer.split_once("\r\n\r\n")
        {
            emitted().record_scrape(body);
        }
    }

    /// Waits until the service has ended by itself, and returns every line that it wrote.
    ///
    /// # Panics
    ///
    /// Where it fails, or does not end in time.
    #[must_use]
    pub fn wait_for_exit(mut self) -> Vec<String> {
        self.log.wait_for_end_of_output();
        assert!(self.process.wait().unwrap().success());
        self.log_lines()
    }

    /// Waits until the service has ended by itself.
    pub fn wait(mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }

    /// Kills the service as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The command, and its output as a [`Log`] follows it.
fn serve(command: &mut Command) {
    command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
}

impl Drop for Service {
    fn drop(&mut self) {
        self.record_metrics();
        // Fails where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The lines that a service has written, and how many of its two outputs have ended.
#[derive(Default)]
struct Log {
    lines: Mutex<(Vec<String>, usize)>,
    changed: Condvar,
}

impl Log {
    fn follow(output: ChildStdout, errors: ChildStderr) -> Arc<Self> {
        let log = Arc::new(Self::default());
        let (lines, complaints) = (Arc::clone(&log), Arc::clone(&log));
        std::thread::spawn(move || complaints.take(errors));
        std::thread::spawn(move || lines.take(output));
        log
    }

    fn take(&self, output: impl Read) {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            emitted().record_line(&line);
            self.lines.lock().unwrap().0.push(line);
            self.changed.notify_all();
        }
        self.lines.lock().unwrap().1 += 1;
        self.changed.notify_all();
    }

    fn wait_for_end_of_output(&self) {
        let lines = self.lines.lock().unwrap();
        let more = |(_, ended): &mut (Vec<String>, usize)| *ended < 2;
        let waited = self.changed.wait_timeout_while(lines, LOG_TIMEOUT, more).unwrap().1;
        assert!(!waited.timed_out(), "the service does not end");
    }

    fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + LOG_TIMEOUT;
        let mut seen = 0;
        let mut state = self.lines.lock().unwrap();
        loop {
            for line in &state.0[seen..] {
                let line = serde_json::from_str(line).unwrap_or(Value::Null);
                if wanted(&line) {
                    return line;
                }
            }
            seen = state.0.len();
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && state.1 < 2, "no such log line in:\n{}", state.0.join("\n"));
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
    }
}
