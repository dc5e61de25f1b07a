//! A Prometheus of a test's own, which scrapes one service.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::process::{free_port, killed_with_parent, program};

/// A Prometheus that scrapes one address, gone when dropped.
pub struct PrometheusServer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl PrometheusServer {
    /// Whether it is installed.
    #[must_use]
    pub fn is_installed() -> bool {
        program("prometheus").is_some() && program("promtool").is_some()
    }

    /// Starts one that scrapes `target`, a `host:port`, five times a second, and waits until it
    /// listens.
    ///
    /// # Panics
    ///
    /// Where it ends instead; with what it wrote.
    #[must_use]
    pub fn scraping(target: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("registration-prometheus-").tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let text = format!(
            "scrape_configs: [{{ job_name: registration, scrape_interval: 200ms, \
             scrape_timeout: 200ms, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
        );
        std::fs::write(&config, text).unwrap();
        // Another process may have taken the port since: then another one is tried.
        let mut complaints = Vec::new();
        for _ in 0..10 {
            let port = free_port();
            let mut process = killed_with_parent(program("prometheus").expect("prometheus"))
                .arg(format!("--config.file={}", config.display()))
                .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
            for line in lines.by_ref().map_while(Result::ok) {
                if line.contains("Server is ready to receive web requests") {
                    // Read on, or it would block once the pipe is full.
                    std::thread::spawn(move || lines.for_each(drop));
                    return Self { process, port, _folder: folder };
                }
                complaints.push(line);
            }
            process.wait().unwrap();
        }
        panic!("Prometheus does not start:\n{}", complaints.join("\n"));
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for PrometheusServer {
    fn drop(&mut self) {
        // Fails where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `promtool check metrics` says about a scrape: a line for each complaint.
///
/// # Panics
///
/// Where it is not installed.
#[must_use]
pub fn promtool_check_metrics(scrape: &str) -> Vec<String> {
    let mut process = Command::new(program("promtool").expect("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(scrape.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).unwrap().lines().map(ToOwned::to_owned).collect()
}
