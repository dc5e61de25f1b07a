//! A private MariaDB server from the system's packages: own data directory, own port.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::process::killed_with_parent;

/// A MariaDB server that belongs to its maker and ends with it, data and all.
///
/// The user `root` has no password; the server listens on the loopback interface only. It is as
/// durable as one in production: every commit is on disk before it is acknowledged.
pub struct MariaDbServer {
    data: TempDir,
    settings: Option<PathBuf>,
    port: u16,
    process: Option<Child>,
}

impl MariaDbServer {
    /// Whether the programs are installed.
    #[must_use]
    pub fn is_installed() -> bool {
        program("mariadbd").is_some() && program("mariadb-install-db").is_some()
    }

    /// Makes a data directory, starts the server and waits until it takes connections.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// The same with the settings of this file, where one is given.
    #[must_use]
    pub fn start_with(settings: Option<&Path>) -> Self {
        let data = tempfile::Builder::new().prefix("registration-mariadb-").tempdir().unwrap();
        let output = Command::new(program("mariadb-install-db").expect("mariadb-install-db"))
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--tmpdir={}", data.path().display()))
            .arg(format!("--datadir={}", data.path().join("data").display()))
            .args(as_current_user())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        // Another process may have taken the port since: then another one is tried.
        for _ in 0..10 {
            let port = free_port();
            if let Some(process) = serve(data.path(), settings, port) {
                let settings = settings.map(Path::to_owned);
                return Self { data, settings, port, process: Some(process) };
            }
        }
        panic!("no port is free");
    }

    /// Starts the server again on the same data and port, after [`MariaDbServer::kill`].
    ///
    /// # Panics
    ///
    /// Where the port has been taken in the meantime.
    pub fn restart(&mut self) {
        let process = serve(self.data.path(), self.settings.as_deref(), self.port);
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

impl Drop for MariaDbServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a server and waits until it takes connections; nothing where it ends instead.
fn serve(folder: &Path, settings: Option<&Path>, port: u16) -> Option<Child> {
    let mut process = killed_with_parent(program("mariadbd").expect("mariadbd"))
        .arg(settings.map_or_else(
            || "--no-defaults".to_owned(),
            |file| format!("--defaults-file={}", file.display()),
        ))
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--tmpdir={}", folder.display()))
        .arg(format!("--port={port}"))
        .args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--max-connections=600"])
        .arg("--skip-ssl") // from 11.4 on the server would make itself a certificate
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

/// A free port.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// MariaDB refuses to run as root unless it is told to.
fn as_current_user() -> Option<String> {
    let user = Command::new("id").arg("-un").output().unwrap();
    Some(format!("--user={}", String::from_utf8_lossy(&user.stdout).trim()))
}

pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin"]);
    folders.map(|folder| Path::new(folder).join(name)).find(|file| file.is_file())
}
