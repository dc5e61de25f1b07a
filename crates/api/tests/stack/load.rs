//! Registrations of every kind, by the load generator.

use std::{
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

/// A load that goes on in the background, and ends with this.
pub(crate) struct Load(Child);

/// Registrations a second: enough for the alerts' guards against judging by a few.
const RATE: &str = "60";

impl Load {
    pub(crate) fn start(url: &str) -> Self {
        let mut command = command(url);
        // Nobody waits long for an answer here: the next drill is to begin.
        command.args(["--duration", "3600", "--rate", RATE, "--timeout", "2", "--errors", "100"]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a mix for so many seconds; what the generator counted.
pub(crate) fn mixed(url: &str, seconds: &str) -> Value {
    let mut command = command(url);
    command.args(["--duration", seconds, "--rate", RATE, "--json"]);
    command.args(["--mix", "new=4,form=2,keyed=2,repeat=1,duplicate=1,invalid=1"]);
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

fn command(url: &str) -> Command {
    let program = beside("registration-load");
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program).args(["--host", url]);
    command
}

/// A program that was built with this one.
fn beside(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.parent().and_then(|deps| deps.parent()).unwrap().join(name);
    assert!(program.is_file(), "{} is missing: make test-stack builds it", program.display());
    program
}
