//! Registrars at work: connections that send one request after the other.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{client::Client, office::Credentials};
use crate::{running::Running, sample::quantile};

/// How long each of several registrars looks at an answer.
const THINKING: Duration = Duration::from_millis(100);

/// Latencies in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(pub(crate) Vec<f64>);

impl Latencies {
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        quantile(&self.0, share)
    }
}

/// A request, given its number.
pub(crate) type Request<'a> = dyn Fn(&mut Client, u64) + Sync + 'a;

/// The address and the credentials with which registrars connect.
pub(crate) struct Registrars {
    pub(crate) address: String,
    pub(crate) credentials: Credentials,
}

impl Registrars {
    pub(crate) fn new(running: &Running<'_>, credentials: Credentials) -> Self {
        Self { address: running.address().to_owned(), credentials }
    }

    pub(crate) fn client(&self) -> Client {
        Client::signed_in(&self.address, &self.credentials.token, &self.credentials.cookie)
    }

    /// One registrar who does not look at the answers.
    pub(crate) fn one(&self, numbers: Range<u64>, request: &Request<'_>) -> Latencies {
        let mut client = self.client();
        Latencies(numbers.map(|number| timed(&mut client, number, request)).collect())
    }

    /// Several at once.
    pub(crate) fn several(
        &self,
        count: usize,
        numbers: Range<u64>,
        request: &Request<'_>,
    ) -> Latencies {
        let work = |first: usize| {
            let mut client = self.client();
            // Not all in the same moment.
            pause(THINKING.mul_f64(first as f64 / count as f64));
            let own = numbers.clone().skip(first).step_by(count);
            let send = |number| {
                pause(THINKING);
                timed(&mut client, number, request)
            };
            own.map(send).collect::<Vec<_>>()
        };
        let work = &work;
        thread::scope(|scope| {
            let all: Vec<_> = (0..count).map(|first| scope.spawn(move || work(first))).collect();
            Latencies(all.into_iter().flat_map(|one| one.join().unwrap()).collect())
        })
    }

    /// Several, for as long as `work` takes. Returns what it has returned.
    pub(crate) fn during<T>(
        &self,
        count: usize,
        request: &Request<'_>,
        work: impl FnOnce() -> T,
    ) -> (T, Latencies) {
        let has_ended = &AtomicBool::new(false);
        let search = |first: usize| {
            let (mut client, mut latencies) = (self.client(), Vec::new());
            for number in (first as u64..).step_by(count) {
                if has_ended.load(Ordering::Relaxed) {
                    break;
                }
                latencies.push(timed(&mut client, number, request));
                pause(THINKING);
            }
            latencies
        };
        let search = &search;
        thread::scope(|scope| {
            let all: Vec<_> = (0..count).map(|first| scope.spawn(move || search(first))).collect();
            let result = work();
            has_ended.store(true, Ordering::Relaxed);
            let latencies = all.into_iter().flat_map(|one| one.join().unwrap()).collect();
            (result, Latencies(latencies))
        })
    }
}

/// Sleeps for this time.
#[expect(clippy::disallowed_methods, reason = "the time that people take")]
pub(crate) fn pause(duration: Duration) {
    thread::sleep(duration);
}

/// The latency of a request, in milliseconds.
fn timed(client: &mut Client, number: u64, request: &Request<'_>) -> f64 {
    let begun = Instant::now();
    request(client, number);
    begun.elapsed().as_secs_f64() * 1e3
}
