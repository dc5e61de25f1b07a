//! The command line.

use std::{io, time::Duration};

use clap::Parser;
use hyper::header::HeaderValue;
use url::Url;

use crate::{client::Target, mix::Mix, schedule::StopCondition};

const NOTES: &str = "\
Exit status: 0 if errors do not exceed --errors, 1 if they do, 2 if an option is invalid or the \
service cannot be reached.

The service limits the rate of each client. To exceed it, start the service with RATE_LIMIT=off.

Ctrl-C ends a run early and prints its result. Latency counts from sending. With --delay or --rate it counts from the planned start if an earlier \
answer delayed the request.";

/// Send registrations to a running service and measure its answers
#[derive(Debug, Parser)]
#[command(name = "registration-load", version, max_term_width = 100)]
#[command(after_help = NOTES, after_long_help = NOTES)]
pub struct Options {
    /// URL of the service
    #[arg(long, value_name = "URL", default_value = "http://localhost:5000", value_parser = host)]
    host: Url,

    /// Number of requests
    #[arg(long, value_name = "N", default_value = "50")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,

    /// Duration of the run, instead of --runs
    #[arg(long, value_name = "SECONDS", conflicts_with = "runs")]
    #[arg(value_parser = |text: &str| seconds(text, 0.001))]
    duration: Option<Duration>,

    /// Number of connections, each with one request at a time
    #[arg(long, value_name = "N", default_value = "8")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    concurrency: u16,

    /// Time between the planned starts of two requests on one connection; 0 sends at once
    #[arg(long, value_name = "SECONDS", default_value = "0")]
    #[arg(value_parser = |text: &str| seconds(text, 0.0))]
    delay: Duration,

    /// Requests per second over all connections, instead of --delay
    #[arg(long, value_name = "N", conflicts_with = "delay")]
    #[arg(value_parser = |text: &str| number(text, 0.001, 1e6))]
    rate: Option<f64>,

    /// Shares of the kinds of requests: new, duplicate (an acknowledged address again), invalid,
    /// form, keyed (with an idempotency key), repeat (the last keyed request again)
    #[arg(long, value_name = "SHARES", default_value = "new=80,duplicate=5,invalid=5,form=10")]
    pub(crate) mix: Mix,

    /// Maximum percentage of requests with an unexpected answer or none
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    #[arg(value_parser = |text: &str| number(text, 0.0, 100.0))]
    pub(crate) errors: f64,

    /// Print the result as a JSON object, with the acknowledged addresses to compare with the table
    #[arg(long)]
    pub json: bool,

    /// Timeout of a connection attempt and of an answer
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    #[arg(value_parser = |text: &str| seconds(text, 0.001))]
    timeout: Duration,
}

impl Options {
    pub(crate) fn stop_condition(&self) -> StopCondition {
        self.duration.map_or(StopCondition::Runs(self.runs), StopCondition::Duration)
    }

    /// Seconds between the planned starts of two requests of the run; `None` in a closed loop.
    pub(crate) fn interval(&self) -> Option<f64> {
        let delay = self.delay.as_secs_f64() / self.workers() as f64;
        self.rate.map(|rate| 1.0 / rate).or((delay > 0.0).then_some(delay))
    }

    /// Connections: at most one per request.
    pub(crate) fn workers(&self) -> usize {
        let max = if self.duration.is_some() { u64::MAX } else { self.runs };
        usize::try_from(max).unwrap_or(usize::MAX).min(self.concurrency.into())
    }

    pub(crate) fn host(&self) -> &str {
        self.host.as_str().trim_end_matches('/')
    }

    pub(crate) fn target(&self) -> io::Result<Target> {
        Ok(Target {
            addresses: self.host.socket_addrs(|| None)?.into(),
            authority: HeaderValue::try_from(self.host.authority()).map_err(io::Error::other)?,
            timeout: self.timeout,
        })
    }
}

fn host(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}: use http://HOST:PORT"))?;
    match url.as_str().strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')) {
        Some(rest) if rest == url.authority() && !rest.contains('@') => Ok(url),
        _ => Err("use http://HOST:PORT, without user, path or query".to_owned()),
    }
}

fn number(text: &str, min: f64, max: f64) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| format!("not a number from {min} to {max}"))
}

/// At most ten days: far from overflowing a clock.
fn seconds(text: &str, min: f64) -> Result<Duration, String> {
    number(text, min, 864_000.0).map(Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    fn parse(line: &str) -> Result<Options, ErrorKind> {
        let arguments = ["registration-load"].into_iter().chain(line.split_whitespace());
        Options::try_parse_from(arguments).map_err(|error| error.kind())
    }

    #[test]
    fn interval_and_stop_condition_follow_the_options() {
        Options::command().debug_assert();
        let options = parse("").unwrap();
        assert_eq!(options.host(), "http://localhost:5000");
        assert_eq!(options.stop_condition(), StopCondition::Runs(50));
        assert_eq!((options.interval(), options.workers()), (None, 8));
        let options = parse("--duration 1.5 --rate 250").unwrap();
        let duration = Duration::from_millis(1500);
        assert_eq!(options.stop_condition(), StopCondition::Duration(duration));
        assert_eq!((options.interval(), options.workers()), (Some(0.004), 8));
        let options = parse("--runs 4 --delay 0.25 --concurrency 5").unwrap();
        assert_eq!((options.interval(), options.workers()), (Some(0.0625), 4));
        assert_eq!(parse("--delay 0").unwrap().interval(), None);
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port() {
        let hosts = [("http://[::1]:8080/", "[::1]:8080"), ("HTTP://127.0.0.1", "127.0.0.1:80")];
        for (text, address) in hosts {
            let target = parse(&format!("--host {text}")).unwrap().target().unwrap();
            assert_eq!(*target.addresses, [address.parse().unwrap()], "{text}");
        }
    }

    #[test]
    fn invalid_options_are_rejected() {
        for line in ["--runs 5 --duration 1", "--rate 5 --delay 1"] {
            assert_eq!(parse(line).unwrap_err(), ErrorKind::ArgumentConflict, "{line}");
        }
        let lines = "--host localhost:5000;--host https://localhost;--host http://;\
            --host http://:5000;--host http://a:70000;--host http://a/register;--host http://a/?b=c;\
            --host http://a/#b;--host http://me:secret@a;--runs 0;--duration 0;--duration inf;\
            --concurrency 0;--delay nan;--rate 0;--rate 1e300;--mix new=0;--errors x;--errors=-1;\
            --timeout 0";
        for line in lines.split(';') {
            assert_eq!(parse(line).unwrap_err(), ErrorKind::ValueValidation, "{line}");
        }
        assert_eq!(parse("--unknown").unwrap_err(), ErrorKind::UnknownArgument);
    }
}
