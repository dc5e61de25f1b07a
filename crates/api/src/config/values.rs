//! The kinds of value that options take. Each error completes the sentence "VARIABLE …".

use std::{
    fmt,
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
    time::Duration,
};

use registration_telemetry::{LogFormat, check_filter};

/// Longer than any of these durations has a use for, and far from overflowing a clock.
const LONGEST_SECONDS: f64 = 86_400.0;

/// A host and a port to listen on: every address that the host has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address(Vec<SocketAddr>);

impl Address {
    pub(crate) fn sockets(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_socket_addrs() {
            Ok(sockets) => Ok(Self(sockets.collect())),
            Err(_) => Err(format!(
                "is {text:?}: write HOST:PORT, as in 127.0.0.1:5000, with a host that is known here"
            )),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&sockets.join(", "))
    }
}

/// An address, or nothing where the text is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct OptionalAddress(pub(super) Option<Address>);

impl FromStr for OptionalAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}

/// A whole number from one to this many.
#[derive(Clone, Debug, Default)]
pub(super) struct Count<const MOST: u32>(pub(super) u32);

impl<const MOST: u32> FromStr for Count<MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
        count.map(Self).ok_or_else(|| format!("is {text:?}: write a whole number from 1 to {MOST}"))
    }
}

/// A duration in seconds, from this many milliseconds to a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Seconds<const LEAST: u64>(pub(super) Duration);

impl<const LEAST: u64> FromStr for Seconds<LEAST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let least = Duration::from_millis(LEAST).as_secs_f64();
        let seconds =
            text.parse().ok().filter(|seconds| (least..=LONGEST_SECONDS).contains(seconds));
        let duration = seconds.map(|seconds| Self(Duration::from_secs_f64(seconds)));
        duration
            .ok_or_else(|| format!("is {text:?}: write seconds from {least} to {LONGEST_SECONDS}"))
    }
}

/// Yes or no.
#[derive(Clone, Debug, Default)]
pub(super) struct Switch(pub(super) bool);

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Self(true)),
            "false" | "0" | "no" | "off" | "" => Ok(Self(false)),
            _ => Err(format!("is {text:?}: write true or false")),
        }
    }
}

/// A log format.
#[derive(Clone, Debug)]
pub(super) struct Format(pub(super) LogFormat);

impl Default for Format {
    fn default() -> Self {
        Self(LogFormat::Json)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self(LogFormat::Json)),
            "pretty" => Ok(Self(LogFormat::Pretty)),
            _ => Err(format!("is {text:?}: write json or pretty")),
        }
    }
}

/// A log filter.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter(pub(super) String);

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        check_filter(text).map(|()| Self(text.to_owned())).map_err(|error| error.to_string())
    }
}
