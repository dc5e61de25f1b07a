//! Programs of the stack, which end with the test.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use registration_testkit::{killed_with_parent, wait_until};

/// How long a program may take to listen.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A program that listens on a port of its own.
pub(crate) struct Program {
    name: String,
    command: Command,
    process: Option<Child>,
    address: String,
    log: PathBuf,
}

impl Program {
    /// Starts `name`, and waits until it listens on `address`. Its output goes to a file in `folder`.
    pub(crate) fn start(name: &str, arguments: &[String], address: &str, folder: &Path) -> Self {
        let mut command = killed_with_parent(name);
        command.args(arguments);
        Self::run(name, command, address, folder)
    }

    /// The same with variables of its environment.
    pub(crate) fn run(name: &str, mut command: Command, address: &str, folder: &Path) -> Self {
        let log = folder.join(name).with_extension("log");
        let output = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let mut program = Self {
            name: name.to_owned(),
            command,
            process: None,
            address: address.to_owned(),
            log,
        };
        program.restart();
        program
    }

    /// Starts it again, after [`Program::kill`].
    pub(crate) fn restart(&mut self) {
        let spawned = self.command.spawn();
        // Here at once: it ends with this, whether it listens or not.
        self.process = Some(spawned.unwrap_or_else(|error| panic!("{}: {error}", self.name)));
        let listens = wait_until(START_TIMEOUT, || {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "{} has ended: {}", self.name, self.written());
            TcpStream::connect(&self.address).is_ok()
        });
        assert!(listens, "{} does not listen: {}", self.name, self.written());
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn written(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
