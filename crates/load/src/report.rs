//! What a run amounts to, as numbers and as JSON. As a table: `table.rs`.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use crate::{
    arguments::Arguments,
    mix::Kind,
    schedule::{Extent, Pace},
    tally::{Count, Tally},
    thresholds::{Measure, Threshold},
};

/// The result of a run.
pub(crate) struct Report {
    pub(crate) host: String,
    /// What was run, in words.
    pub(crate) description: String,
    pub(crate) closed_loop: bool,
    pub(crate) seconds: f64,
    pub(crate) requests: u64,
    /// Those of which there was any.
    pub(crate) kinds: Vec<(Kind, Count)>,
    /// By status; `connection` and `timeout` for requests without an answer.
    pub(crate) statuses: BTreeMap<String, u64>,
    pub(crate) acknowledged: usize,
    /// Of every answer.
    pub(crate) latency: Option<Latency>,
    /// Of the answers that were expected.
    pub(crate) accepted: Option<Latency>,
    /// Of all others.
    pub(crate) refused: Option<Latency>,
    pub(crate) thresholds: Vec<Threshold>,
}

/// How long answers took, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
}

impl Latency {
    /// `None` where there was no answer.
    fn of(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| milliseconds(histogram.value_at_quantile(quantile));
        (!histogram.is_empty()).then(|| Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: milliseconds(histogram.max()),
            mean: histogram.mean() / 1e3,
        })
    }

    fn to_json(self) -> Value {
        json!({
            "p50": self.p50,
            "p90": self.p90,
            "p99": self.p99,
            "p999": self.p999,
            "max": self.max,
            "mean": self.mean,
        })
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e3
}

impl Report {
    /// Holds what was counted against what was asked for.
    pub(crate) fn new(arguments: &Arguments, elapsed: Duration, tally: &Tally) -> Self {
        let kinds = Kind::ALL.into_iter().zip(tally.kinds);
        let statuses = tally.statuses.iter().map(|(status, count)| (status.to_string(), *count));
        let none = [("connection", tally.lost), ("timeout", tally.timed_out)];
        let none = none.map(|(name, count)| (name.to_owned(), count));
        let requests = tally.requests();
        let latency = Latency::of(&tally.latency());
        let value = |measure| match measure {
            Measure::P50 => latency.map(|latency| latency.p50),
            Measure::P99 => latency.map(|latency| latency.p99),
            Measure::Errors => {
                (requests > 0).then(|| tally.errors() as f64 * 100.0 / requests as f64)
            }
        };
        let threshold = |&(measure, limit)| Threshold { measure, limit, value: value(measure) };
        Self {
            host: arguments.host.to_string(),
            description: describe(arguments),
            closed_loop: arguments.pace() == Pace::AtOnce,
            seconds: elapsed.as_secs_f64(),
            requests,
            kinds: kinds.filter(|(_, count)| count.sent > 0).collect(),
            statuses: statuses.chain(none).collect(),
            acknowledged: tally.acknowledged.people().len(),
            latency,
            accepted: Latency::of(&tally.accepted),
            refused: Latency::of(&tally.refused),
            thresholds: arguments.limits().iter().map(threshold).collect(),
        }
    }

    pub(crate) fn requests_per_second(&self) -> f64 {
        if self.seconds > 0.0 { self.requests as f64 / self.seconds } else { 0.0 }
    }

    /// Whether every threshold is met.
    pub(crate) fn is_good(&self) -> bool {
        self.thresholds.iter().all(Threshold::is_met)
    }

    /// A sentence, where the service has refused requests for being too many.
    pub(crate) fn limited(&self) -> Option<String> {
        self.statuses.get("429").map(|count| {
            format!(
                "{count} answers were 429: the service limits its clients. Start it with \
                 RATE_LIMIT=off."
            )
        })
    }

    /// What those should know who see the numbers alone.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let missed = self.thresholds.iter().filter(|threshold| !threshold.is_met());
        missed.map(ToString::to_string).chain(self.limited()).collect()
    }

    /// One object.
    pub(crate) fn to_json(&self) -> Value {
        let kinds = self.kinds.iter().map(|(kind, count)| {
            (kind.name().to_owned(), json!({"sent": count.sent, "expected": count.expected}))
        });
        let thresholds = self.thresholds.iter().map(|threshold| {
            json!({
                "name": threshold.measure.name(),
                "limit": threshold.limit,
                "value": threshold.value,
                "met": threshold.is_met(),
            })
        });
        json!({
            "host": self.host,
            "seconds": self.seconds,
            "requests": self.requests,
            "requests_per_second": self.requests_per_second(),
            "closed_loop": self.closed_loop,
            "kinds": kinds.collect::<Map<_, _>>(),
            "statuses": self.statuses,
            "acknowledged": self.acknowledged,
            "latency_ms": self.latency.map(Latency::to_json),
            "accepted_latency_ms": self.accepted.map(Latency::to_json),
            "refused_latency_ms": self.refused.map(Latency::to_json),
            "thresholds": thresholds.collect::<Vec<_>>(),
        })
    }
}

fn describe(arguments: &Arguments) -> String {
    let extent = match arguments.extent() {
        Extent::Runs(runs) => format!("{runs} requests"),
        Extent::Duration(duration) => format!("{duration:?}"),
    };
    let pace = match arguments.pace() {
        Pace::AtOnce => "closed loop".to_owned(),
        Pace::Delay(delay) => format!("open loop, {delay:?} between the starts of each"),
        Pace::Rate(rate) => format!("open loop, {rate} a second"),
    };
    format!("{extent} over {} connections, {pace}", arguments.workers())
}
