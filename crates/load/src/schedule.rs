//! When each request is due, and who sends it. What is sent is decided elsewhere, by its number.
//!
//! A planned request is due at a fixed time, whatever became of those before it: one that is kept
//! waiting by an earlier answer is late, and whoever measures from its planned time sees that.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// A closed loop: each worker sends when it has its answer.
    AtOnce,
    /// Each worker starts a request in this interval.
    Delay(Duration),
    /// So many requests a second in all; whoever is free sends the next.
    Rate(f64),
}

/// When the run ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    /// After so many requests.
    Runs(u64),
    /// After this time, no further request is started.
    Duration(Duration),
}

/// A request that is to be sent now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// Its number in the run, from 0; nobody else has it.
    pub(crate) number: u64,
    /// When it was due; `None` in a closed loop, where it is due when it is sent.
    pub(crate) planned: Option<Instant>,
}

/// A run's schedule, shared by its workers.
pub(crate) struct Schedule {
    begun: Instant,
    extent: Extent,
    workers: usize,
    /// Seconds between two planned requests of the run; `None` in a closed loop.
    interval: Option<f64>,
    lanes: Vec<Lane>,
}

/// Where workers wait for requests: one for all of them, or each at its own.
struct Lane {
    due: Semaphore,
    taken: AtomicU64,
}

impl Schedule {
    /// A schedule that begins at `begun`.
    pub(crate) fn new(begun: Instant, pace: Pace, extent: Extent, workers: usize) -> Self {
        let (lanes, interval) = match pace {
            Pace::AtOnce => (1, None),
            Pace::Rate(rate) => (1, Some(1.0 / rate)),
            // The workers' starts are spread over the interval that all of them keep.
            Pace::Delay(delay) => (workers, Some(delay.as_secs_f64() / workers as f64)),
        };
        let lane = || Lane { due: Semaphore::new(0), taken: AtomicU64::new(0) };
        let lanes = std::iter::repeat_with(lane).take(lanes).collect();
        Self { begun, extent, workers, interval, lanes }
    }

    /// Waits until a request is due for this worker; `None` when there is none any more.
    pub(crate) async fn next(&self, worker: usize) -> Option<Turn> {
        let index = worker % self.lanes.len();
        let lane = &self.lanes[index];
        if self.interval.is_some() {
            lane.due.acquire().await.ok()?.forget();
        }
        let taken = lane.taken.fetch_add(1, Ordering::Relaxed);
        let number = taken * self.lanes.len() as u64 + index as u64;
        let planned = self.interval.map(|interval| self.due(number, interval));
        let goes_on = match (self.extent, planned) {
            (Extent::Runs(runs), _) => number < runs,
            // Of planned ones the clock gives out none that is due later.
            (Extent::Duration(_), Some(_)) => true,
            (Extent::Duration(duration), None) => self.begun.elapsed() < duration,
        };
        goes_on.then_some(Turn { number, planned })
    }

    /// Gives planned requests out when they are due, until the run ends; in a closed loop there is
    /// nothing to do. Blocks: the runtime's own timers are exact to a millisecond, which is longer
    /// than many an answer takes.
    pub(crate) fn keep_time(&self) {
        let Some(interval) = self.interval else { return };
        for (number, lane) in (0..).zip(self.lanes.iter().cycle()) {
            let due = self.due(number, interval);
            match self.extent {
                Extent::Runs(runs) if number >= runs => break,
                Extent::Duration(duration) if due >= self.begun + duration => break,
                _ => wait_until(due),
            }
            lane.due.add_permits(1);
        }
        if let Extent::Duration(duration) = self.extent {
            wait_until(self.begun + duration);
        }
        for lane in &self.lanes {
            match self.extent {
                Extent::Duration(_) => lane.due.close(),
                // Whoever still waits looks once more, and sees that there is none left.
                Extent::Runs(_) => lane.due.add_permits(self.workers),
            }
        }
    }

    fn due(&self, number: u64, interval: f64) -> Instant {
        self.begun + Duration::from_secs_f64(number as f64 * interval)
    }
}

fn wait_until(due: Instant) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use super::*;

    /// Every request of a run, with the worker that took it.
    fn run(pace: Pace, extent: Extent, workers: usize) -> (Instant, BTreeMap<u64, (usize, Turn)>) {
        let begun = Instant::now();
        let schedule = Arc::new(Schedule::new(begun, pace, extent, workers));
        let clock = Arc::clone(&schedule);
        let clock = thread::spawn(move || clock.keep_time());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        let taken = runtime.unwrap().block_on(async {
            let take = |worker| {
                let schedule = Arc::clone(&schedule);
                tokio::spawn(async move {
                    let mut taken = vec![];
                    while let Some(turn) = schedule.next(worker).await {
                        assert!(turn.planned.is_none_or(|planned| planned <= Instant::now()));
                        taken.push((turn.number, (worker, turn)));
                        tokio::task::yield_now().await;
                    }
                    taken
                })
            };
            let mut all = vec![];
            for worker in (0..workers).map(take).collect::<Vec<_>>() {
                all.extend(worker.await.unwrap());
            }
            all
        });
        clock.join().unwrap();
        let count = taken.len();
        let taken = BTreeMap::from_iter(taken);
        assert_eq!(taken.len(), count, "a number was given out twice");
        (begun, taken)
    }

    /// Microseconds after its beginning at which a run's requests were due.
    fn plan((begun, taken): &(Instant, BTreeMap<u64, (usize, Turn)>)) -> Vec<u128> {
        let due = taken.values().map(|(_, turn)| turn.planned.unwrap() - *begun);
        due.map(|due| due.as_micros()).collect()
    }

    #[test]
    fn in_a_closed_loop_each_request_is_sent_once_and_none_is_planned() {
        let (_, taken) = run(Pace::AtOnce, Extent::Runs(1000), 7);
        assert!(taken.keys().copied().eq(0..1000));
        assert!(taken.values().all(|(_, turn)| turn.planned.is_none()));
    }

    #[test]
    fn a_rate_is_kept_whoever_sends() {
        let run = run(Pace::Rate(1000.0), Extent::Runs(50), 3);
        assert!(plan(&run).into_iter().eq((0..50).map(|number| number * 1000)));
    }

    #[test]
    fn a_delay_is_kept_by_each_worker() {
        let run = run(Pace::Delay(Duration::from_millis(8)), Extent::Runs(21), 4);
        assert!(plan(&run).into_iter().eq((0..21).map(|number| number * 2000)));
        assert!(run.1.iter().all(|(number, (worker, _))| number % 4 == *worker as u64));
    }

    #[test]
    fn time_ends_a_run() {
        let duration = Duration::from_millis(50);
        let (begun, taken) = run(Pace::Rate(100.0), Extent::Duration(duration), 2);
        assert!(begun.elapsed() >= duration);
        assert!(taken.len() <= 5 && taken.values().all(|(_, turn)| turn.number < 5));
        let (begun, taken) = run(Pace::AtOnce, Extent::Duration(duration), 2);
        assert!(begun.elapsed() >= duration && taken.len() > 10);
    }

    #[test]
    fn who_is_late_does_not_change_the_plan() {
        let schedule = Schedule::new(Instant::now(), Pace::Rate(1e6), Extent::Runs(3), 1);
        schedule.keep_time();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let next = || runtime.block_on(schedule.next(0));
        let [first, second, third] = [(); 3].map(|()| next().unwrap().planned.unwrap());
        let micro = Duration::from_micros(1);
        assert_eq!([second - first, third - second], [micro, micro]);
        assert!(next().is_none());
    }
}
