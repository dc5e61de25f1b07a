//! Registrations of a rush, with and without the office at work, in alternated pairs.

use std::fmt;

use super::registrars::{Latencies, Registrars, Request};
use crate::{
    options::DeskOptions,
    progress::progress,
    ratio::{Ratio, Ratios, Target},
    rounds::MAIN,
    running::Running,
    sample::Samples,
};

/// What the office does meanwhile.
pub(crate) struct Work<'a> {
    /// As the report names it.
    pub(crate) name: &'static str,
    pub(crate) registrars: usize,
    pub(crate) request: &'a Request<'a>,
    /// Of the rates' ratio, and of that of the 99th percentiles.
    pub(crate) targets: (f64, Option<f64>),
}

/// One sample of both per pair.
pub(crate) struct Rush {
    name: &'static str,
    targets: (f64, Option<f64>),
    with: Samples,
    without: Samples,
    requests: Latencies,
}

impl Rush {
    /// `None` without pairs.
    pub(crate) fn measure(
        options: &DeskOptions,
        running: &mut Running<'_>,
        registrars: &Registrars,
        work: &Work<'_>,
    ) -> Option<Self> {
        let (pairs, seconds) = (options.pairs, options.seconds_each);
        let empty = Samples::default;
        let mut rush = Self {
            name: work.name,
            targets: work.targets,
            with: empty(),
            without: empty(),
            requests: Latencies::default(),
        };
        if pairs > 0 {
            running.warm_up(MAIN);
        }
        for pair in 0..pairs {
            progress(&format!("pair {} of {pairs}: a rush with {}", pair + 1, work.name));
            for is_first in [true, false] {
                if is_first == (pair % 2 == 0) {
                    rush.without.0.push(running.measure(MAIN, seconds));
                } else {
                    let measure = || running.measure(MAIN, seconds);
                    let (sample, requests) =
                        registrars.during(work.registrars, work.request, measure);
                    rush.with.0.push(sample);
                    rush.requests.0.extend(requests.0);
                }
            }
        }
        (pairs > 0).then_some(rush)
    }
}

impl fmt::Display for Rush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, targets: (rate, latency), with, without, requests } = self;
        writeln!(f, "A rush with {name} ÷ without:\n")?;
        let p99 = |samples: &Samples| samples.all(|sample| sample.p99);
        writeln!(f, "| ratio | is | pairs | target | |\n|---|--:|--:|--:|---|")?;
        let (rates, latencies) =
            (Ratios::new(&with.rates(), &without.rates()), Ratios::new(&p99(with), &p99(without)));
        let target = Target::AtLeast(*rate);
        write!(f, "{}", Ratio { name: "registrations/s", target, ratios: rates })?;
        let target = latency.map_or(Target::Unset, Target::AtMost);
        write!(f, "{}", Ratio { name: "p99 of registrations", target, ratios: latencies })?;
        writeln!(
            f,
            "\n| {MAIN} connections | registrations/s | p50 ms | p99 ms | errors |\n\
             |---|--:|--:|--:|--:|"
        )?;
        for (name, samples) in [("without", without), ("with", with)] {
            let rate = samples.median(|sample| sample.rate);
            let (p50, p99) = (samples.median(|one| one.p50), samples.median(|one| one.p99));
            let errors = samples.sum(|sample| sample.errors);
            writeln!(f, "| {name} | {rate:.0} | {p50:.2} | {p99:.2} | {errors:.0} |")?;
        }
        let count = requests.0.len();
        let (p50, p99) = (requests.quantile(0.5), requests.quantile(0.99));
        writeln!(f, "\n{count} requests of the office meanwhile: p50 {p50:.1} ms, p99 {p99:.1} ms.")
    }
}
