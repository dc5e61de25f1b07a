//! HAProxy in front of a cluster's nodes.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use super::{
    node::Node,
    ports,
    process::{self, tail},
};

/// How long it may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(10);

const CONFIGURATION: &str = include_str!("../../../../infra/galera/haproxy.cfg");

/// What Debian's own configuration says in its place: where to log.
const SYSTEM: &str = "global\n  log stdout format raw local0\n";

/// A HAProxy, killed when dropped.
pub(super) struct HaProxy {
    process: Child,
    port: u16,
    stats_port: u16,
    log: PathBuf,
}

impl HaProxy {
    /// Starts it, logging to a file in `folder`, and waits until it listens.
    pub(super) fn start(folder: &Path, nodes: &[Node]) -> Self {
        let port = ports::free_block(2);
        let (system, own) = (folder.join("system.cfg"), folder.join("haproxy.cfg"));
        fs::write(&system, SYSTEM).unwrap();
        fs::write(&own, CONFIGURATION).unwrap();
        let log = folder.join("haproxy.log");
        let output = File::create(&log).unwrap();
        let mut command = process::command("haproxy");
        command.arg("-db").arg("-f").arg(system).arg("-f").arg(own);
        command.env("DATABASE_BIND", format!("127.0.0.1:{port}"));
        command.env("STATS_BIND", format!("127.0.0.1:{}", port + 1));
        for (number, node) in (1..).zip(nodes) {
            command.env(format!("NODE_{number}"), format!("127.0.0.1:{}", node.port()));
        }
        let errors = Stdio::from(output.try_clone().unwrap());
        let process = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().unwrap();
        let haproxy = Self { process, port, stats_port: port + 1, log };
        let listens = crate::wait_until(START_TIMEOUT, || haproxy.stats().is_ok());
        assert!(listens, "HAProxy does not start:\n{}", haproxy.log_tail());
        haproxy
    }

    pub(super) fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/", self.port)
    }

    /// Whether it calls this server up, and has checked it: it begins by believing that all are.
    pub(super) fn is_up(&self, server: &str) -> bool {
        const STATUS: usize = 17;
        const LAST_CHECK: usize = 36;
        let stats = self.stats().unwrap_or_default();
        let row = stats.lines().map(|row| row.split(',').collect::<Vec<_>>());
        row.into_iter()
            .find(|row| row.starts_with(&["database", server]))
            .is_some_and(|row| row[STATUS].starts_with("UP") && row[LAST_CHECK].starts_with('L'))
    }

    fn stats(&self) -> std::io::Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.stats_port))?;
        connection.write_all(b"GET /;csv HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub(super) fn log_tail(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        // Fails where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
