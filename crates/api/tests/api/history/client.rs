//! A client: which registrations it sends, and which of them again.

use std::time::Duration;

use registration_testkit::{Applicant, wait_until};

use super::{
    operation::{Answer, Request},
    random::Random,
    run::{Run, Sender},
};

/// How long a patient client waits: longer than `REQUEST_TIMEOUT` of the instances.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The bound for a definite answer after the last fault.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Operations during which clients choose the same shared applicant: so that they meet.
const SHARED_OPERATIONS: usize = 15;

pub(super) struct Client<'a> {
    sender: Sender<'a>,
    random: Random,
    /// What it has sent before, each once.
    sent: Vec<Request>,
    /// Keyed requests without a definite answer.
    open: Vec<Request>,
    /// Number of applicants that it has made up.
    applicants: usize,
}

impl<'a> Client<'a> {
    pub(super) fn new(run: &'a Run, client: usize, seed: u64) -> Self {
        let random = Random::new(seed, client as u64 + 1);
        let sender = Sender::new(run, client);
        Self { sender, random, sent: Vec::new(), open: Vec::new(), applicants: 0 }
    }

    /// Sends requests until the nemesis has ended; then repeats each whose outcome it does not know.
    pub(super) fn work(mut self) {
        while !self.sender.run.is_over() {
            let request = self.choose();
            for _ in 0..=self.random.below(3) {
                if self.send(&request).is_some_and(|answer| answer.is_definite()) {
                    break;
                }
            }
        }
        for request in std::mem::take(&mut self.open) {
            let mut answer = None;
            let settled = wait_until(SETTLE_TIMEOUT, || {
                answer = self.send(&request);
                answer.as_ref().is_some_and(Answer::is_definite)
            });
            assert!(settled, "no definite answer after the last fault: {request:?}: {answer:?}");
        }
    }

    fn choose(&mut self) -> Request {
        let again = self.random.pick(&self.sent).cloned();
        let (kind, again) = (self.random.below(100), again.unwrap_or_else(|| self.new_request()));
        match kind {
            0..45 => self.new_request(),
            // A repetition of the client's own: honest with a key, a second attempt without one.
            45..65 => again,
            // The same keyed request from several clients, as by one that gave up and another tab.
            65..75 => self.shared("shared", "Shared"),
            // An address that several people claim.
            75..88 => {
                let name = self.new_name();
                let mut contested = self.shared("contested", &name);
                contested.key = self.random.percent(50).then_some(name);
                contested
            }
            // Misuse: the key of another registration, for another person or with another name.
            _ if self.random.percent(50) => Request { key: again.key, ..self.new_request() },
            _ => {
                let last_name = self.new_name();
                let applicant = Applicant { last_name, ..again.applicant };
                Request { key: again.key, applicant }
            }
        }
    }

    fn new_name(&mut self) -> String {
        self.applicants += 1;
        format!("c{}n{}", self.sender.client, self.applicants)
    }

    /// A person of its own; two in three with a key.
    fn new_request(&mut self) -> Request {
        let name = self.new_name();
        let applicant = applicant(&name, &name);
        Request { key: self.random.percent(66).then_some(name), applicant }
    }

    /// The same for all clients for a while.
    fn shared(&self, series: &str, last_name: &str) -> Request {
        let name = format!("{series}{}", self.sender.run.ended() / SHARED_OPERATIONS);
        Request { applicant: applicant(&name, last_name), key: Some(name) }
    }

    /// Sends and records. `None` where nothing was sent: the instance is down.
    fn send(&mut self, request: &Request) -> Option<Answer> {
        let run = self.sender.run;
        let instance = self.random.below(run.instances());
        // Some clients give up before they can know.
        let timeout = match self.random.percent(15) {
            true => Duration::from_millis(1 + self.random.below(200) as u64),
            false => TIMEOUT,
        };
        let Some(operation) = self.sender.send(instance, request, timeout) else {
            let is_up = || (0..run.instances()).any(|instance| run.address(instance).is_some());
            wait_until(TIMEOUT, is_up);
            return None;
        };
        let answer = operation.answer.clone();
        run.record(operation);
        if !self.sent.contains(request) {
            self.sent.push(request.clone());
        }
        self.open.retain(|open| open != request);
        if request.key.is_some() && !answer.is_definite() {
            self.open.push(request.clone());
        }
        Some(answer)
    }
}

fn applicant(name: &str, last_name: &str) -> Applicant {
    let last_name = last_name.to_owned();
    Applicant { last_name, ..Applicant::new(format!("{name}@example.org")) }
}
