//! Clients that register without pause, and what they are told.

use std::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use registration_testkit::{GaleraCluster, Service};

use crate::support::{assert_all_stored, client, complaints, registration};

const CLIENTS: usize = 12;

/// How long it may take until registrations go on.
const PATIENCE: Duration = Duration::from_secs(90);

/// One registration, and how it was answered: nothing for a status is a broken connection.
struct Answer {
    at: Instant,
    email: String,
    status: Option<u16>,
    text: String,
}

/// What clients noticed of something that was done to the cluster.
pub(crate) struct Outage {
    name: String,
    /// The longest time in which nobody was registered.
    gap: Duration,
    /// How many were told to try again.
    refused: usize,
}

impl Outage {
    pub(crate) fn assert_shorter_than(&self, seconds: u64) {
        assert!(self.gap < Duration::from_secs(seconds), "{}: {:?}", self.name, self.gap);
    }

    /// Everybody was registered, even if some had to wait.
    pub(crate) fn assert_none_refused(&self) {
        assert_eq!(self.refused, 0, "{}", self.name);
    }
}

/// A load that goes on.
pub(crate) struct Load {
    answers: Mutex<Vec<Answer>>,
    more: Condvar,
    over: AtomicBool,
}

/// Loads the services while `work` goes on. Then no answer but 201 and 503 was given, and every node
/// has stored what was acknowledged, once.
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
                    // With a key, as forms are sent, it is a transaction of two statements.
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

/// Ends the load, whatever becomes of the work.
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

    /// Waits until so many more are registered.
    pub(crate) fn wait_for_more(&self, count: usize) {
        let answers = self.answers.lock().unwrap();
        let wanted = created(&answers).count() + count;
        let too_few = |answers: &mut Vec<Answer>| created(answers).count() < wanted;
        let (answers, waited) = self.more.wait_timeout_while(answers, PATIENCE, too_few).unwrap();
        let last = answers.last().map(|answer| (answer.status, &answer.text));
        assert!(!waited.timed_out(), "registrations do not go on; the last was told {last:?}");
    }

    /// Does something to the cluster, waits until registrations have gone on for a while, and tells
    /// for how long nobody was registered.
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
        let complaints = complaints(services).join("\n");
        assert!(
            wrong.is_empty(),
            "{} wrong answers, as {:?}\n{complaints}\n{}",
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
