//! The command line: every option, its environment variable and its help in one place.

use std::{path::PathBuf, time::Duration};

use clap::Parser;

use crate::{
    host::Host,
    mix::Mix,
    people::check_prefix,
    schedule::{Extent, Pace},
    thresholds::Measure,
};

const NOTES: &str = "\
Exit status: 0 where every threshold is met, 1 where one is missed, 2 where the options cannot be \
used or the service cannot be reached.

The service limits its clients: to send more than its usual limit, start it with RATE_LIMIT=off.

Ctrl-C ends a run early, and its result is printed.

Latency counts from sending, in a closed loop. With --delay or --rate it counts from the planned \
start of a request, even where an earlier answer kept that waiting.";

/// Sends registrations to a running service, and says how it bore them.
#[derive(Debug, Parser)]
#[command(name = "registration-load", version, max_term_width = 100)]
#[command(after_help = NOTES, after_long_help = NOTES)]
pub(crate) struct Arguments {
    /// Where the service is
    #[arg(long, env = "LOAD_HOST", value_name = "URL", default_value = "http://localhost:5000")]
    pub(crate) host: Host,

    /// Requests in all
    #[arg(long, env = "LOAD_RUNS", value_name = "N", default_value = "50")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,

    /// Instead of --runs: for so long
    #[arg(long, env = "LOAD_DURATION", value_name = "SECONDS", conflicts_with = "runs")]
    #[arg(value_parser = some_seconds)]
    duration: Option<Duration>,

    /// Connections, each with one request at a time
    #[arg(long, env = "LOAD_CONCURRENCY", value_name = "N", default_value = "8")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: u32,

    /// Between the planned starts of two requests of one connection; 0: the next one at once
    #[arg(long, env = "LOAD_DELAY", value_name = "SECONDS", default_value = "0")]
    #[arg(value_parser = seconds)]
    delay: Duration,

    /// Instead of --delay: requests a second in all, on a fixed schedule
    #[arg(long, env = "LOAD_RATE", value_name = "N", conflicts_with = "delay")]
    #[arg(value_parser = rate)]
    rate: Option<f64>,

    /// Shares of kinds of requests: new, duplicate (an address acknowledged before), invalid,
    /// form, keyed (with an idempotency key), repeat (the last keyed one again); while there is
    /// nobody to repeat, somebody new is sent
    #[arg(
        long,
        env = "LOAD_MIX",
        value_name = "SHARES",
        default_value = "new=80,duplicate=5,invalid=5,form=10"
    )]
    pub(crate) mix: Mix,

    /// Threshold: the latency that half of the answers may exceed
    #[arg(long, env = "LOAD_P50", value_name = "MILLISECONDS", value_parser = not_negative)]
    p50: Option<f64>,

    /// Threshold: the latency that one answer in a hundred may exceed
    #[arg(long, env = "LOAD_P99", value_name = "MILLISECONDS", value_parser = not_negative)]
    p99: Option<f64>,

    /// Threshold: the share of requests that may have another answer than expected, or none
    #[arg(long, env = "LOAD_ERRORS", value_name = "PERCENT", default_value = "0")]
    #[arg(value_parser = not_negative)]
    errors: f64,

    /// Print the result as one JSON object
    #[arg(long, env = "LOAD_JSON")]
    pub(crate) json: bool,

    /// Write every address that was acknowledged to this file, one a line
    #[arg(long, env = "LOAD_ACKNOWLEDGED", value_name = "FILE")]
    pub(crate) acknowledged: Option<PathBuf>,

    /// Part of each made-up address, so that runs do not meet [default: made from time and process]
    #[arg(long, env = "LOAD_SEED_PREFIX", value_name = "TEXT", value_parser = check_prefix)]
    pub(crate) seed_prefix: Option<String>,

    /// How long a connection or an answer may take to come before it counts as an error
    #[arg(long, env = "LOAD_TIMEOUT", value_name = "SECONDS", default_value = "30")]
    #[arg(value_parser = some_seconds)]
    pub(crate) timeout: Duration,

    /// Threads to send from
    #[arg(long, env = "LOAD_THREADS", value_name = "N", default_value = "2")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
}

impl Arguments {
    /// When the run ends.
    pub(crate) fn extent(&self) -> Extent {
        self.duration.map_or(Extent::Runs(self.runs), Extent::Duration)
    }

    /// How requests follow each other.
    pub(crate) fn pace(&self) -> Pace {
        match (self.rate, self.delay) {
            (Some(rate), _) => Pace::Rate(rate),
            (None, Duration::ZERO) => Pace::AtOnce,
            (None, delay) => Pace::Delay(delay),
        }
    }

    /// Connections: no more than there are requests.
    pub(crate) fn workers(&self) -> usize {
        let most = match self.extent() {
            Extent::Runs(runs) => usize::try_from(runs).unwrap_or(usize::MAX),
            Extent::Duration(_) => usize::MAX,
        };
        most.min(self.concurrency as usize)
    }

    /// Threads: no more than there are connections.
    pub(crate) fn threads(&self) -> usize {
        self.workers().min(self.threads.into())
    }

    /// What must not be exceeded.
    pub(crate) fn limits(&self) -> Vec<(Measure, f64)> {
        let asked = [(Measure::P50, self.p50), (Measure::P99, self.p99)];
        let asked = asked.into_iter().filter_map(|(measure, limit)| Some((measure, limit?)));
        asked.chain([(Measure::Errors, self.errors)]).collect()
    }
}

/// Longer than any run, and far from overflowing a clock.
const MOST_SECONDS: f64 = 864_000.0;

fn number(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or("write a number".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    match number(text)? {
        seconds if (0.0..=MOST_SECONDS).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("write seconds from 0 to {MOST_SECONDS}")),
    }
}

fn some_seconds(text: &str) -> Result<Duration, String> {
    seconds(text)?.checked_sub(Duration::from_millis(1)).ok_or("write 0.001 or more".to_owned())?;
    seconds(text)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = number(text)?;
    let sensible = (0.001..=1e6).contains(&rate);
    sensible.then_some(rate).ok_or("write requests a second, from 0.001 to 1000000".to_owned())
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    (number >= 0.0).then_some(number).ok_or("write 0 or more".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    fn parse(line: &str) -> Result<Arguments, ErrorKind> {
        let words = ["registration-load"].into_iter().chain(line.split_whitespace());
        Arguments::try_parse_from(words).map_err(|error| error.kind())
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_options_fifty_are_sent() {
        let arguments = parse("").unwrap();
        assert_eq!(arguments.host.to_string(), "http://localhost:5000");
        assert_eq!(arguments.extent(), Extent::Runs(50));
        assert_eq!(arguments.pace(), Pace::AtOnce);
        assert_eq!((arguments.workers(), arguments.threads()), (8, 2));
        assert_eq!(arguments.limits(), [(Measure::Errors, 0.0)]);
    }

    #[test]
    fn pace_and_extent_follow_the_options() {
        let arguments = parse("--duration 1.5 --rate 250").unwrap();
        assert_eq!(arguments.extent(), Extent::Duration(Duration::from_millis(1500)));
        assert_eq!(arguments.pace(), Pace::Rate(250.0));
        let arguments = parse("--runs 3 --delay 0.25 --concurrency 5 --threads 8").unwrap();
        assert_eq!(arguments.pace(), Pace::Delay(Duration::from_millis(250)));
        assert_eq!((arguments.workers(), arguments.threads()), (3, 3));
        assert_eq!(parse("--delay 0").unwrap().pace(), Pace::AtOnce);
        let limits = parse("--p99 20 --p50 1.5 --errors 0.1").unwrap().limits();
        assert_eq!(limits, [(Measure::P50, 1.5), (Measure::P99, 20.0), (Measure::Errors, 0.1)]);
    }

    #[test]
    fn mistakes_are_told() {
        for line in ["--runs 5 --duration 1", "--rate 5 --delay 1"] {
            assert_eq!(parse(line).unwrap_err(), ErrorKind::ArgumentConflict, "{line}");
        }
        for line in [
            "--host https://localhost",
            "--runs 0",
            "--duration 0",
            "--duration inf",
            "--concurrency 0",
            "--delay nan",
            "--rate 0",
            "--rate 1e300",
            "--mix new=0",
            "--errors x",
            "--seed-prefix a@b",
            "--timeout 0",
            "--threads 0",
        ] {
            let kind = parse(line).unwrap_err();
            assert!(matches!(kind, ErrorKind::ValueValidation), "{line}: {kind:?}");
        }
        assert_eq!(parse("--p99=-1").unwrap_err(), ErrorKind::ValueValidation);
        assert_eq!(parse("--unknown").unwrap_err(), ErrorKind::UnknownArgument);
    }
}
