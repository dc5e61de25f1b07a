//! Registrations of every kind: by the load generator, and through the form.

use std::{
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use registration_testkit::{Applicant, killed_with_parent};
use reqwest::blocking::Client;

use serde_json::Value;

/// A load in the background, until this is dropped.
pub(crate) struct Load(Child);

/// Registrations a second: enough for the alerts' minimum-traffic guards.
const RATE: &str = "60";

impl Load {
    pub(crate) fn start(url: &str) -> Self {
        let mut command = command(url);
        command.args(["--duration", "3600", "--rate", RATE, "--errors", "100"]);
        // Enough for answers that take two seconds each.
        command.args(["--concurrency", "150", "--timeout", "5"]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a mix for this many seconds, and returns the generator's counts.
pub(crate) fn mixed(url: &str, seconds: &str) -> Value {
    let mut command = command(url);
    command.args(["--duration", seconds, "--rate", RATE, "--json"]);
    command.args(["--mix", "new=4,form=2,keyed=2,repeat=1,duplicate=1,invalid=1"]);
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

/// Opens, fills in and sends the form five times a second, until this is dropped.
pub(crate) struct Visitor {
    /// Dropped to end it.
    leave: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Visitor {
    pub(crate) fn start(url: &str) -> Self {
        let (leave, left) = mpsc::channel::<()>();
        let url = url.to_owned();
        let thread = thread::spawn(move || {
            let client = Client::new();
            let mut number = 0;
            while left.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
                visit(&client, &url, &format!("visitor{number}@example.org"));
                number += 1;
            }
        });
        Self { leave: Some(leave), thread: Some(thread) }
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        drop(self.leave.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(thread::panicking() || ended.is_none_or(|ended| ended.is_ok()), "a form failed");
    }
}

fn visit(client: &Client, url: &str, email: &str) {
    let page = client.get(format!("{url}/")).header("accept", "text/html").send().unwrap();
    let page = page.text().unwrap();
    let (_, key) = page.split_once("name=\"idempotency_key\" value=\"").unwrap();
    let key = key.split('"').next().unwrap();
    let form = format!("{}&idempotency_key={key}", Applicant::new(email).form());
    let sent = client
        .post(format!("{url}/register"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .unwrap();
    assert!(sent.status().is_success(), "{}", sent.status());
}

fn command(url: &str) -> Command {
    let mut command = killed_with_parent(beside("registration-load"));
    command.args(["--host", url]);
    command
}

/// A program that was built with this one.
fn beside(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.parent().and_then(|deps| deps.parent()).unwrap().join(name);
    assert!(program.is_file(), "{} is missing: make test-stack builds it", program.display());
    program
}
