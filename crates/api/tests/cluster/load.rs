//! Clients that register without pause, and the answers they get.

use std::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use registration_testkit::{GaleraCluster, Service};

use crate::support::{assert_all_stored, client, logged_errors, registration};

const CLIENTS: usize = 12;

/// How long registrations may take to resume.
const RESUME_TIMEOUT: Duration = Duration::from_secs(90);

/// The answer to one registration; without a status the connection broke.
struct Answer {
    at: Instant,
    email: String,
    status: Option<u16>,
    text: String,
}

/// How an operation on the cluster affected clients.
pub(crate) struct Outage {
    name: String,
    /// The longest time between two registrations.
    gap: Duration,
    /// How many requests were answered 503.
    refused: usize,
}

impl Outage {
    pub(crate) fn assert_shorter_than(&self, seconds: u64) {
        assert!(self.gap < Duration::from_secs(seconds), "{}: {:?}", self.name, self.gap);
    }

    /// No request was answered 503, even if some had to wait.
    pub(crate) fn assert_no_503(&self) {
        assert_eq!(self.refused, 0, "{}", self.name);
    }
}

/// A continuous load.
pub(crate) struct Load {
    answers: Mutex<Vec<Answer>>,
    more: Condvar,
    over: AtomicBool,
}

/// Runs `work` under load. Asserts that every answer was 201 or 503, and that every node has stored
/// each acknowledged registration once.
pub(crate) fn while_loaded(
    cluster: &mut GaleraCluster,
    services: &[Service],
    work: impl FnOnce(&mut GaleraCluster, &Load),
) {
    let load =
        Load { answers: Mutex::default(), more: Condvar::new(), over: AtomicBool::new(false) };
    let client = client();
    println!();
    thread::scope(|scope| {
        for (number, service) in (0..CLIENTS).zip(services.iter().cycle()) {
            let (load, client) = (&load, &client);
            scope.spawn(move || {
                for count in 0.. {
                    if load.over.load(Ordering::Relaxed) {
                        break;
                    }
                    let email = format!("client{number}n{count}@example.org");
                    let mut request =
                        client.post(service.url("/register")).json(&registration(&email));
                    // With a key, as from the form, it is a transaction of two statements.
                    if count % 2 == 1 {
                        request = request.header("idempotency-key", &email);
                    }
                    load.take(email, request.send());
                }
            });
        }
        let _ends = Ends(&load);
        load.wait_for_more(200);
        work(cluster, &load);
    });
    load.assert_sound(cluster, services);
}

/// Ends the load, even if the work panics.
struct Ends<'a>(&'a Load);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

impl Load {
    fn take(&self, email: String, response: reqwest::Result<reqwest::blocking::Response>) {
        let (status, text) = match response {
            Ok(response) => {
                let status = response.status().as_u16();
                (Some(status), response.text().unwrap_or_default())
            }
            Err(error) => (None, format!("{error:?}")),
        };
        self.answers.lock().unwrap().push(Answer { at: Instant::now(), email, status, text });
        self.more.notify_all();
    }

    /// Waits for this many further registrations.
    pub(crate) fn wait_for_more(&self, count: usize) {
        let answers = self.answers.lock().unwrap();
        let wanted = created(&answers).count() + count;
        let too_few = |answers: &mut Vec<Answer>| created(answers).count() < wanted;
        let (answers, waited) =
            self.more.wait_timeout_while(answers, RESUME_TIMEOUT, too_few).unwrap();
        let last = answers.last().map(|answer| (answer.status, &answer.text));
        assert!(!waited.timed_out(), "registrations do not resume; the last answer is {last:?}");
    }

    /// Runs an operation on the cluster, waits for registrations to resume, and returns the gap.
    pub(crate) fn measure(&self, name: &str, work: impl FnOnce()) -> Outage {
        let began = Instant::now();
        work();
        self.wait_for_more(200);
        let answers = self.answers.lock().unwrap();
        let times: Vec<_> = created(&answers).map(|answer| answer.at).collect();
        let pairs = times.windows(2).filter(|pair| pair[1] > began);
        let gap = pairs.map(|pair| pair[1] - pair[0]).max().unwrap();
        let recent = answers.iter().filter(|answer| answer.at > began);
        let refused = recent.filter(|answer| answer.status == Some(503)).count();
        println!("  {name}: {:.1} s without a 201, {refused} times 503", gap.as_secs_f64());
        Outage { name: name.to_owned(), gap, refused }
    }

    fn assert_sound(&self, cluster: &GaleraCluster, services: &[Service]) {
        let answers = self.answers.lock().unwrap();
        let wrong: Vec<_> = answers
            .iter()
            .filter(|answer| !matches!(answer.status, Some(201 | 503)))
            .map(|answer| format!("{:?} {}", answer.status, answer.text))
            .collect();
        let logged_errors = logged_errors(services).join("\n");
        assert!(
            wrong.is_empty(),
            "{} wrong answers, as {:?}\n{logged_errors}\n{}",
            wrong.len(),
            &wrong[..wrong.len().min(3)],
            cluster.log_tails()
        );
        let acknowledged: Vec<_> = created(&answers).map(|answer| answer.email.clone()).collect();
        let stored = assert_all_stored(cluster, &acknowledged);
        println!(
            "  {} of {} were acknowledged, {} more are stored",
            acknowledged.len(),
            answers.len(),
            stored.len() - acknowledged.len(),
        );
    }
}

fn created(answers: &[Answer]) -> impl Iterator<Item = &Answer> {
    answers.iter().filter(|answer| answer.status == Some(201))
}
