//! The result of a run, as JSON and as text.

use std::{collections::BTreeMap, fmt};

use hdrhistogram::Histogram;
use registration_applicants::Applicant;
use serde::Serialize;

use crate::{
    counters::{Counters, KindCount},
    mix::RequestKind,
    options::Options,
};

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// URL of the service.
    pub host: String,
    /// Duration of the run.
    pub seconds: f64,
    /// Requests with an outcome.
    pub requests: u64,
    /// Of all kinds.
    pub requests_per_second: f64,
    /// Whether latency counts from sending.
    pub closed_loop: bool,
    /// By kind, those that were sent.
    pub kinds: BTreeMap<RequestKind, KindCount>,
    /// By status; `connection` and `timeout` of requests without an answer.
    pub statuses: BTreeMap<String, u64>,
    /// Addresses of the applicants that were acknowledged as registered.
    pub acknowledged: Vec<String>,
    /// Latency of every answer.
    pub latency_ms: Option<Latency>,
    /// Latency of the expected answers.
    pub accepted_latency_ms: Option<Latency>,
    /// Latency of all other answers.
    pub refused_latency_ms: Option<Latency>,
    /// Percentage of requests with an unexpected answer or none.
    pub errors_percent: f64,
    /// The limit: `--errors`.
    pub max_errors_percent: f64,
}

/// Latencies in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(missing_docs, reason = "quantiles")]
pub struct Latency {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Latency {
    fn new(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        let [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1.0].map(at);
        (!histogram.is_empty()).then_some(Self { p50, p90, p99, p999, max })
    }
}

impl Report {
    pub(crate) fn new(options: &Options, series: &str, seconds: f64, counters: &Counters) -> Self {
        let requests = counters.kinds.values().map(|count| count.sent).sum();
        let expected: u64 = counters.kinds.values().map(|count| count.expected).sum();
        let acknowledged = counters.acknowledged.applicants.iter();
        let mut latency = counters.accepted.clone();
        latency += &counters.refused;
        Self {
            host: options.host().to_owned(),
            seconds,
            requests,
            requests_per_second: requests as f64 / seconds,
            closed_loop: options.interval().is_none(),
            kinds: counters.kinds.clone(),
            statuses: counters.statuses.clone(),
            acknowledged: acknowledged.map(|n| Applicant::numbered(*n, series).email).collect(),
            latency_ms: Latency::new(&latency),
            accepted_latency_ms: Latency::new(&counters.accepted),
            refused_latency_ms: Latency::new(&counters.refused),
            errors_percent: (requests - expected) as f64 * 100.0 / requests.max(1) as f64,
            max_errors_percent: options.errors,
        }
    }

    /// Whether there were requests, and no more errors than allowed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.requests > 0 && self.errors_percent <= self.max_errors_percent
    }

    /// The verdict, with advice if the service has limited the rate.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Self { errors_percent, max_errors_percent: max, .. } = self;
        let verdict = if self.has_passed() { "passed" } else { "FAILED" };
        let is_limited = self.statuses.contains_key("429");
        let advice =
            if is_limited { "; to lift the limit, start it with RATE_LIMIT=off" } else { "" };
        format!("errors {errors_percent:.3} %, at most {max} % allowed: {verdict}{advice}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, seconds, requests, requests_per_second: rate, .. } = self;
        writeln!(f, "{host}: {requests} requests in {seconds:.3} s, {rate:.1}/s")?;
        writeln!(f, "{} applicants acknowledged", self.acknowledged.len())?;
        for (kind, KindCount { sent, expected }) in &self.kinds {
            writeln!(f, "{kind:?}: {sent} sent, {expected} with the expected answer")?;
        }
        for (status, count) in &self.statuses {
            writeln!(f, "{status}: {count}")?;
        }
        if let Some(Latency { p50, p90, p99, p999, max }) = self.latency_ms {
            write!(f, "latency in ms: p50 {p50:.3}, p90 {p90:.3}, p99 {p99:.3}, ")?;
            writeln!(f, "p99.9 {p999:.3}, max {max:.3}")?;
        }
        writeln!(f, "{}", self.verdict())
    }
}
