//! A private database server with its own data directory and port: MariaDB from the system's packages,
//! or MySQL from `target/tools/mysql`, where `scripts/setup mysql` unpacks it.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::process::free_port;

mod kind;

pub use kind::ServerKind;

/// A database server that belongs to its maker and ends with it, data and all.
///
/// The user `root` has no password; the server listens on the loopback interface only. It is as
/// durable as one in production: every commit is on disk before it is acknowledged.
pub struct DatabaseServer {
    kind: ServerKind,
    data: TempDir,
    settings: Option<PathBuf>,
    port: u16,
    process: Option<Child>,
}

impl DatabaseServer {
    /// Whether the programs are installed.
    #[must_use]
    pub fn is_installed() -> bool {
        ServerKind::from_env().is_installed()
    }

    /// Makes a data directory, starts the server and waits until it takes connections.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// The same with the settings of this file, where one is given.
    #[must_use]
    pub fn start_with(settings: Option<&Path>) -> Self {
        let kind = ServerKind::from_env();
        let data = tempfile::Builder::new().prefix("registration-database-").tempdir().unwrap();
        let output = kind
            .install()
            .arg(format!("--tmpdir={}", data.path().display()))
            .arg(format!("--datadir={}", data.path().join("data").display()))
            .args(as_current_user())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        // Another process may have taken the port since: then another one is tried.
        for _ in 0..10 {
            let port = free_port();
            if let Some(process) = serve(kind, data.path(), settings, port) {
                let settings = settings.map(Path::to_owned);
                return Self { kind, data, settings, port, process: Some(process) };
            }
        }
        panic!("no port is free");
    }

    /// Starts the server again on the same data and port, after [`DatabaseServer::kill`].
    ///
    /// # Panics
    ///
    /// Where the port has been taken in the meantime.
    pub fn restart(&mut self) {
        let process = serve(self.kind, self.data.path(), self.settings.as_deref(), self.port);
        self.process = Some(process.expect("the port is taken"));
    }

    /// Kills the server as a power cut would: no warning, no shutdown.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Where the server is; a database name may be added at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mysql://root@{}/", self.address())
    }

    /// Its `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Stops the server where it stands: it keeps its connections and answers nothing.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.as_ref().expect("a running server").id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a server and waits until it takes connections; nothing where it ends instead.
fn serve(kind: ServerKind, folder: &Path, settings: Option<&Path>, port: u16) -> Option<Child> {
    let mut process = kind
        .serve(settings)
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--tmpdir={}", folder.display()))
        .arg(format!("--port={port}"))
        .args(["--bind-address=127.0.0.1", "--max-connections=600"])
        .args(as_current_user())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    if log.by_ref().map_while(Result::ok).any(|line| line.contains("ready for connections")) {
        std::thread::spawn(move || log.for_each(drop));
        Some(process)
    } else {
        process.wait().unwrap();
        None
    }
}

/// MariaDB refuses to run as root unless an option names that user.
fn as_current_user() -> Option<String> {
    let user = Command::new("id").arg("-un").output().unwrap();
    Some(format!("--user={}", String::from_utf8_lossy(&user.stdout).trim()))
}
