//! A private database server with its own data directory and port: MariaDB from the system's packages,
//! or MySQL from `target/tools/mysql`, where `scripts/setup mysql` unpacks it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::process::killed_with_parent;

/// Which server [`MariaDbServer`] starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// MariaDB.
    MariaDb,
    /// MySQL.
    MySql,
}

impl ServerKind {
    /// MySQL where `TEST_SERVER_KIND` is `mysql`, otherwise MariaDB.
    #[must_use]
    pub fn from_env() -> Self {
        match std::env::var("TEST_SERVER_KIND").as_deref() {
            Ok("mysql") => Self::MySql,
            _ => Self::MariaDb,
        }
    }
}

/// A database server that belongs to its maker and ends with it, data and all.
///
/// The user `root` has no password; the server listens on the loopback interface only. It is as
/// durable as one in production: every commit is on disk before it is acknowledged.
pub struct MariaDbServer {
    kind: ServerKind,
    data: TempDir,
    settings: Option<PathBuf>,
    port: u16,
    process: Option<Child>,
}

impl MariaDbServer {
    /// Whether the programs are installed.
    #[must_use]
    pub fn is_installed() -> bool {
        match ServerKind::from_env() {
            ServerKind::MariaDb => {
                program("mariadbd").is_some() && program("mariadb-install-db").is_some()
            }
            ServerKind::MySql => mysql_root().join("usr/sbin/mysqld").is_file(),
        }
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
        let mut command = match kind {
            ServerKind::MariaDb => {
                let install = program("mariadb-install-db").expect("mariadb-install-db");
                let mut command = killed_with_parent(install);
                command.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
                command.arg("--skip-test-db");
                command
            }
            ServerKind::MySql => {
                let mut command = mysqld(None);
                command.arg("--initialize-insecure");
                command
            }
        };
        let output = command
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

    /// Starts the server again on the same data and port, after [`MariaDbServer::kill`].
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

impl Drop for MariaDbServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a server and waits until it takes connections; nothing where it ends instead.
fn serve(kind: ServerKind, folder: &Path, settings: Option<&Path>, port: u16) -> Option<Child> {
    let mut command = match kind {
        ServerKind::MariaDb => {
            let mut command = killed_with_parent(program("mariadbd").expect("mariadbd"));
            command.arg(defaults(settings));
            command.arg("--skip-name-resolve");
            command.arg("--skip-ssl"); // from 11.4 on the server would make itself a certificate
            command
        }
        ServerKind::MySql => {
            let mut command = mysqld(settings);
            command.args(["--mysqlx=OFF", "--secure-file-priv=NULL"]);
            command
        }
    };
    let mut process = command
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

fn defaults(settings: Option<&Path>) -> String {
    settings.map_or_else(
        || "--no-defaults".to_owned(),
        |file| format!("--defaults-file={}", file.display()),
    )
}

fn mysql_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/mysql/root")
}

/// MySQL's server, started by the loader and with the libraries of its own release.
fn mysqld(settings: Option<&Path>) -> Command {
    let usr = mysql_root().canonicalize().expect("make setup-mysql").join("usr");
    let folders = fs::read_dir(usr.join("lib")).unwrap().map(|entry| entry.unwrap().path());
    let is_loader =
        |file: &PathBuf| file.file_name().unwrap().as_encoded_bytes().starts_with(b"ld-linux");
    let loader = folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .find(is_loader)
        .expect("a loader");
    let mut command = killed_with_parent(&loader);
    command.arg("--library-path").arg(loader.parent().unwrap()).arg(usr.join("sbin/mysqld"));
    command.arg(defaults(settings)).arg(format!("--basedir={}", usr.display()));
    for (option, folder) in [
        ("lc-messages-dir", "share/mysql"),
        ("character-sets-dir", "share/mysql/charsets"),
        ("plugin-dir", "lib/mysql/plugin"),
    ] {
        command.arg(format!("--{option}={}", usr.join(folder).display()));
    }
    command
}

/// A port on which no process listens.
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
