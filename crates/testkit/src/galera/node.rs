//! One node of a cluster: its configuration, its process, its state.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use diesel::{Connection as _, MysqlConnection};

use super::{
    ports,
    process::{self, SYNC_TIMEOUT, tail},
};
use crate::{database::mysql_column, process::program};

/// What a node and its transfers of data need.
pub(super) const PROGRAMS: [&str; 8] = [
    "mariadbd",
    "mariadb-install-db",
    "my_print_defaults",
    "wsrep_sst_rsync",
    "rsync",
    "ss",
    "ps",
    "setpriv",
];

const CONFIGURATION: &str = include_str!("../../../../infra/galera/node.cnf");

/// Whether Galera's library is where the configuration says.
pub(super) fn has_provider() -> bool {
    let provider = CONFIGURATION.lines().find_map(|line| line.strip_prefix("wsrep_provider = "));
    provider.is_some_and(|path| Path::new(path).is_file())
}

/// A node; its process is killed when it is dropped.
pub(super) struct Node {
    pub(super) name: String,
    folder: PathBuf,
    /// For clients. The next ones are for the group, for what a node has missed, which Galera puts
    /// beside the group's, and for all data.
    port: u16,
    process: Option<Child>,
}

/// Three nodes, configured, each in a folder of its own, none of them started.
pub(super) fn configure_three(folder: &Path) -> Vec<Node> {
    let first = ports::free_block(12);
    let ports = [first, first + 4, first + 8];
    let group = ports.map(|port| format!("127.0.0.1:{}", port + 1)).join(",");
    share_scripts(folder);
    (1..=3)
        .zip(ports)
        .map(|(number, port)| {
            let name = format!("node{number}");
            let folder = folder.join(&name);
            fs::create_dir(&folder).unwrap();
            process::chown_to_server_user(&folder);
            let node = Node { name, folder, port, process: None };
            fs::write(node.file("my.cnf"), node.configuration(&group)).unwrap();
            node
        })
        .collect()
}

/// Puts the scripts by which nodes give each other their data where every user can read them.
fn share_scripts(folder: &Path) {
    let scripts = folder.join("scripts");
    fs::create_dir(&scripts).unwrap();
    for name in ["wsrep_sst_rsync", "wsrep_sst_common"] {
        fs::copy(program(name).expect("Galera's scripts"), scripts.join(name)).unwrap();
    }
    process::chown_to_server_user(&scripts);
}

impl Node {
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/", self.port)
    }

    /// What an operator copies, filled in; then what is the test's own.
    fn configuration(&self, group: &str) -> String {
        let mut text = CONFIGURATION
            .replace("@NAME@", &self.name)
            .replace("@ADDRESS@", "127.0.0.1")
            .replace("@GROUP_PORT@", &(self.port + 1).to_string())
            .replace("@GROUP@", group)
            .replace("@DONOR@", if self.name == "node3" { "node2" } else { "node3" });
        let file = |name| self.file(name).display().to_string();
        let own = [
            ("datadir", file("data")),
            ("tmpdir", file("")),
            ("socket", file("socket")),
            ("pid_file", file("pid")),
            ("log_error", file("log.err")),
            ("port", self.port.to_string()),
            ("wsrep_sst_receive_address", format!("127.0.0.1:{}", self.port + 3)),
            ("max_connections", "600".to_owned()),
            ("skip_name_resolve", "ON".to_owned()),
            // From 11.4 on the server would make itself a certificate.
            ("ssl", "OFF".to_owned()),
        ];
        for (name, value) in own {
            writeln!(text, "{name} = {value}").unwrap();
        }
        text
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// Makes the data of an empty server.
    pub(super) fn install(&self) {
        let output = process::command("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--tmpdir={}", self.folder.display()))
            .arg(format!("--datadir={}", self.data().display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Copies the data of a node that was shut down, but for what it knew of its group.
    pub(super) fn copy_data_of(&self, other: &Self) {
        let copied = process::command("rsync")
            .args(["--archive", "--exclude=/galera.cache", "--exclude=/gvwstate.dat"])
            .arg(format!("{}/", other.data().display()))
            .arg(format!("{}/", self.data().display()))
            .status();
        assert!(copied.unwrap().success());
    }

    pub(super) fn delete_data(&self) {
        assert!(self.process.is_none(), "{} is running", self.name);
        fs::remove_dir_all(self.data()).unwrap();
        fs::create_dir(self.data()).unwrap();
        process::chown_to_server_user(&self.data());
    }

    /// Starts the first node of a group.
    pub(super) fn bootstrap(&mut self) {
        self.process = Some(self.mariadbd().arg("--wsrep-new-cluster").spawn().unwrap());
    }

    /// Starts a node that looks for its group; first, as Debian's unit does, it finds out how far
    /// its data go, which a node that was killed has not written down.
    pub(super) fn launch(&mut self) {
        let mut command = self.mariadbd();
        if self.data().join("ibdata1").exists() {
            command.arg(format!("--wsrep-start-position={}", self.position()));
        }
        self.process = Some(command.spawn().unwrap());
    }

    fn position(&self) -> String {
        let mut recovery = self.mariadbd();
        recovery.args(["--wsrep-recover", "--disable-log-error"]);
        let output = recovery.stderr(Stdio::piped()).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        let position = log.lines().find_map(|line| line.split_once("Recovered position: "));
        position.unwrap_or_else(|| panic!("no position of {}:\n{log}", self.name)).1.to_owned()
    }

    fn mariadbd(&self) -> Command {
        let scripts = self.folder.with_file_name("scripts");
        let path = format!("{}:/usr/sbin:{}", scripts.display(), env_path());
        let mut command = process::command("mariadbd");
        command
            .arg(format!("--defaults-file={}", self.file("my.cnf").display()))
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    pub(super) fn is_synced(&self) -> bool {
        let state = "SELECT VARIABLE_VALUE AS value FROM information_schema.GLOBAL_STATUS \
             WHERE VARIABLE_NAME = 'WSREP_LOCAL_STATE_COMMENT'";
        MysqlConnection::establish(&self.url())
            .is_ok_and(|mut node| mysql_column(&mut node, state) == Ok(vec!["Synced".to_owned()]))
    }

    pub(super) fn wait_until_synced(&mut self) {
        let mut ended = false;
        let ready = crate::wait_until(SYNC_TIMEOUT, || {
            let process = self.process.as_mut().expect("a running node");
            ended = process.try_wait().unwrap().is_some();
            ended || self.is_synced()
        });
        if ended {
            self.process = None;
        }
        assert!(ready && !ended, "{} is not synced:\n{}", self.name, self.log_tail());
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(super) fn stop(&mut self) {
        self.signal("-TERM");
        let status = self.process.take().unwrap().wait().unwrap();
        assert!(status.success(), "{} ends with {status}:\n{}", self.name, self.log_tail());
    }

    pub(super) fn signal(&self, signal: &str) {
        let pid = self.process.as_ref().expect("a running node").id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    pub(super) fn log_tail(&self) -> String {
        tail(&self.file("log.err"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn env_path() -> String {
    std::env::var("PATH").unwrap_or_default()
}
