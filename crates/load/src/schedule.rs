//! When each request is due.
//!
//! A planned start is fixed in advance. A request that an earlier answer delays is sent late, and its
//! latency counts from the planned start, so that a stall shows in every request due during it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// When the run ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StopCondition {
    /// After this number of requests.
    Runs(u64),
    /// After this time no further request starts.
    Duration(Duration),
}

/// A request that is due now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Its number in the run, from 0, unique.
    pub(crate) number: u64,
    /// Its latency counts from here.
    pub(crate) start: Instant,
}

/// A run's schedule, shared by its workers.
pub(crate) struct Schedule {
    pub(crate) begun: Instant,
    /// Seconds between two planned starts of the run; `None` in a closed loop, where each worker
    /// sends as soon as it has its answer.
    interval: Option<f64>,
    stop_condition: StopCondition,
    next: AtomicU64,
}

impl Schedule {
    pub(crate) fn new(interval: Option<f64>, stop_condition: StopCondition) -> Self {
        Self { begun: Instant::now(), interval, stop_condition, next: AtomicU64::new(0) }
    }

    /// Waits for the next slot; `None` at the end of the run.
    pub(crate) async fn next(&self) -> Option<Slot> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let due = self
            .interval
            .map_or(now, |interval| self.begun + Duration::from_secs_f64(number as f64 * interval));
        match self.stop_condition {
            StopCondition::Runs(runs) if number >= runs => return None,
            StopCondition::Duration(duration) if due.max(now) >= self.begun + duration => {
                tokio::time::sleep_until((self.begun + duration).into()).await;
                return None;
            }
            _ if due <= now => return Some(Slot { number, start: due }),
            _ => tokio::time::sleep_until(due.into()).await,
        }
        // The timer is exact to a millisecond: its own delay is not part of the latency.
        Some(Slot { number, start: Instant::now() })
    }
}
