//! What has been counted so far in a run. What it amounts to is `report.rs`'s business.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hdrhistogram::{CreationError, Histogram};

use crate::{
    acknowledged::{Acknowledged, Order},
    client::{Answer, Failure},
    mix::Kind,
};

/// In microseconds: an hour. What takes longer counts as that.
const LONGEST_LATENCY: u64 = 3_600_000_000;

/// How many requests of a kind had an answer or failed, and how many had the answer they expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) sent: u64,
    pub(crate) expected: u64,
}

/// Everything that is counted. Requests without an outcome, where a run was interrupted, are not.
pub(crate) struct Tally {
    /// In the order of [`Kind::ALL`].
    pub(crate) kinds: [Count; Kind::ALL.len()],
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) lost: u64,
    pub(crate) timed_out: u64,
    /// How long the answers that were expected took, in microseconds.
    pub(crate) accepted: Histogram<u64>,
    /// How long all others took, in microseconds.
    pub(crate) refused: Histogram<u64>,
    pub(crate) acknowledged: Acknowledged,
}

impl Tally {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// None with these bounds.
    pub(crate) fn new() -> Result<Self, CreationError> {
        Ok(Self {
            kinds: Default::default(),
            statuses: BTreeMap::new(),
            lost: 0,
            timed_out: 0,
            accepted: Histogram::new_with_bounds(1, LONGEST_LATENCY, 3)?,
            refused: Histogram::new_with_bounds(1, LONGEST_LATENCY, 3)?,
            acknowledged: Acknowledged::default(),
        })
    }

    /// Takes an outcome in. `latency` counts where there is an answer.
    pub(crate) fn record(
        &mut self,
        order: &Order,
        outcome: &Result<Answer, Failure>,
        latency: Duration,
    ) {
        let count = &mut self.kinds[order.kind as usize];
        count.sent += 1;
        match outcome {
            Ok(answer) => {
                let expected = order.expects(answer);
                count.expected += u64::from(expected);
                *self.statuses.entry(answer.status.as_u16()).or_default() += 1;
                let latencies = if expected { &mut self.accepted } else { &mut self.refused };
                latencies.saturating_record(latency.as_micros().try_into().unwrap_or(u64::MAX));
            }
            Err(Failure::Connection) => self.lost += 1,
            Err(Failure::Timeout) => self.timed_out += 1,
        }
        self.acknowledged.note(order, outcome);
    }

    /// How long every answer took, in microseconds.
    pub(crate) fn latency(&self) -> Histogram<u64> {
        let mut all = self.accepted.clone();
        all += &self.refused;
        all
    }

    /// Requests with an outcome.
    pub(crate) fn requests(&self) -> u64 {
        self.kinds.iter().map(|count| count.sent).sum()
    }

    /// Those that had another answer than expected, or none.
    pub(crate) fn errors(&self) -> u64 {
        self.kinds.iter().map(|count| count.sent - count.expected).sum()
    }
}

/// The tally of all workers.
pub(crate) struct SharedTally(Mutex<Tally>);

impl SharedTally {
    pub(crate) fn new(tally: Tally) -> Self {
        Self(Mutex::new(tally))
    }

    pub(crate) fn locked(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
