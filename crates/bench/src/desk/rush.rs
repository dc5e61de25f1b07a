//! Registrations of a rush, with and without searching registrars, in alternated pairs.

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

/// Registrars who search.
const REGISTRARS: usize = 4;

/// One sample of both per pair.
pub(crate) struct Rush {
    with: Samples,
    without: Samples,
    searches: Latencies,
}

impl Rush {
    /// `None` without pairs.
    pub(crate) fn measure(
        options: &DeskOptions,
        running: &mut Running<'_>,
        registrars: &Registrars,
        search: &Request<'_>,
    ) -> Option<Self> {
        let (pairs, seconds) = (options.pairs, options.seconds_each);
        let empty = Samples::default;
        let mut rush = Self { with: empty(), without: empty(), searches: Latencies::default() };
        if pairs > 0 {
            running.warm_up(MAIN);
        }
        for pair in 0..pairs {
            progress(&format!("pair {} of {pairs}: a rush", pair + 1));
            for is_first in [true, false] {
                if is_first == (pair % 2 == 0) {
                    rush.without.0.push(running.measure(MAIN, seconds));
                } else {
                    let measure = || running.measure(MAIN, seconds);
                    let (sample, searches) = registrars.during(REGISTRARS, search, measure);
                    rush.with.0.push(sample);
                    rush.searches.0.extend(searches.0);
                }
            }
        }
        (pairs > 0).then_some(rush)
    }
}

impl fmt::Display for Rush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { with, without, searches } = self;
        let p99 = |samples: &Samples| samples.all(|sample| sample.p99);
        writeln!(f, "| ratio | is | pairs | target | |\n|---|--:|--:|--:|---|")?;
        let ratios = [
            ("registrations/s", Target::AtLeast(0.9), Ratios::new(&with.rates(), &without.rates())),
            ("p99 of registrations", Target::AtMost(1.15), Ratios::new(&p99(with), &p99(without))),
        ];
        for (name, target, ratios) in ratios {
            write!(f, "{}", Ratio { name, target, ratios })?;
        }
        writeln!(
            f,
            "\n| {MAIN} connections | registrations/s | p50 ms | p99 ms | errors |\n\
             |---|--:|--:|--:|--:|"
        )?;
        for (name, samples) in [("without registrars", without), ("with registrars", with)] {
            let rate = samples.median(|sample| sample.rate);
            let (p50, p99) = (samples.median(|one| one.p50), samples.median(|one| one.p99));
            let errors = samples.sum(|sample| sample.errors);
            writeln!(f, "| {name} | {rate:.0} | {p50:.2} | {p99:.2} | {errors:.0} |")?;
        }
        let count = searches.0.len();
        let (p50, p99) = (searches.quantile(0.5), searches.quantile(0.99));
        writeln!(f, "\n{count} searches meanwhile: p50 {p50:.1} ms, p99 {p99:.1} ms.")
    }
}
