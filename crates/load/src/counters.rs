//! What a run counts.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::{CreationError, Histogram};
use serde::Serialize;

use crate::{
    client::{Answer, Failure},
    mix::RequestKind,
    planned_request::{Acknowledged, PlannedRequest},
};

/// An hour in microseconds: longer latencies are recorded as this.
const MAX_LATENCY: u64 = 3_600_000_000;

/// Requests of one kind, and those with the expected answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named after what they count")]
pub struct KindCount {
    pub sent: u64,
    pub expected: u64,
}

/// Requests with an outcome. Those that an interrupt cut off are not counted.
pub(crate) struct Counters {
    pub(crate) kinds: BTreeMap<RequestKind, KindCount>,
    /// By status; `connection` and `timeout` of requests without an answer.
    pub(crate) statuses: BTreeMap<String, u64>,
    /// Latencies of expected answers in microseconds.
    pub(crate) accepted: Histogram<u64>,
    /// Latencies of all other answers in microseconds.
    pub(crate) refused: Histogram<u64>,
    pub(crate) acknowledged: Acknowledged,
}

impl Counters {
    pub(crate) fn new() -> Result<Self, CreationError> {
        Ok(Self {
            kinds: BTreeMap::new(),
            statuses: BTreeMap::new(),
            accepted: Histogram::new_with_bounds(1, MAX_LATENCY, 3)?,
            refused: Histogram::new_with_bounds(1, MAX_LATENCY, 3)?,
            acknowledged: Acknowledged::default(),
        })
    }

    /// `latency` counts if there is an answer.
    pub(crate) fn record(
        &mut self,
        request: &PlannedRequest,
        outcome: &Result<Answer, Failure>,
        latency: Duration,
    ) {
        let expected = outcome.as_ref().is_ok_and(|answer| request.expects(answer));
        let count = self.kinds.entry(request.kind).or_default();
        count.sent += 1;
        count.expected += u64::from(expected);
        if outcome.is_ok() {
            let latencies = if expected { &mut self.accepted } else { &mut self.refused };
            latencies.saturating_record(latency.as_micros().try_into().unwrap_or(u64::MAX));
        }
        let status = outcome.as_ref().map_or_else(|failure| *failure, |it| it.status.as_str());
        *self.statuses.entry(status.to_owned()).or_default() += 1;
        self.acknowledged.record(request, outcome.as_ref().ok());
    }
}
