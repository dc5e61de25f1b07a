//! The kinds of value that options take. Each error completes the sentence "VARIABLE …".

use std::{
    fmt,
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
    time::Duration,
};

use registration_telemetry::{LogFormat, check_filter};
use url::Url;

use crate::admission::limits::{Quota, Quotas};

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

/// A whole number in this range.
#[derive(Clone, Debug, Default)]
pub(super) struct Count<const LEAST: u32, const MOST: u32>(pub(super) u32);

impl<const LEAST: u32, const MOST: u32> FromStr for Count<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|count| (LEAST..=MOST).contains(count));
        count
            .map(Self)
            .ok_or_else(|| format!("is {text:?}: write a whole number from {LEAST} to {MOST}"))
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

/// Rate limits: those that are named, and the usual one for each that is not; or none.
#[derive(Clone, Debug, Default)]
pub(super) struct RateLimit(pub(super) Quotas);

/// The limits that a school behind one address survives on opening day.
pub(super) const USUAL_LIMITS: &str = "client=1200/60,email=10/600";

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(Quotas::default()));
        }
        let mut quotas = Quotas::default();
        // What is named comes last, and wins.
        for limit in USUAL_LIMITS.split(',').chain(text.split(',')) {
            set_quota(&mut quotas, limit.trim()).ok_or_else(|| {
                format!("is {text:?}: write off, or limits as in {USUAL_LIMITS} or email=off")
            })?;
        }
        Ok(Self(quotas))
    }
}

/// Takes `client=1200/60` or `email=off` in; `None` where it is neither.
fn set_quota(quotas: &mut Quotas, limit: &str) -> Option<()> {
    let (name, quota) = limit.split_once('=')?;
    let quota = match quota.split_once('/') {
        None if quota == "off" => None,
        None => return None,
        Some((count, seconds)) => {
            Some(Quota { count: count.parse().ok()?, seconds: seconds.parse().ok()? })
        }
    };
    match name {
        "client" => quotas.client = quota,
        "email" => quotas.email = quota,
        _ => return None,
    }
    Some(())
}

/// Something that nobody else may know.
#[derive(Clone, Default)]
pub(crate) struct Secret(String);

impl Secret {
    const LEAST: usize = 16;

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.chars().count() {
            count if count >= Self::LEAST => Ok(Self(text.to_owned())),
            count => Err(format!("has {count} characters: write {} or more", Self::LEAST)),
        }
    }
}

/// Origins as browsers name them (RFC 6454): scheme, host and port, and nothing behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins(pub(super) Vec<String>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<_> = origins.map(str::to_owned).collect();
        let is_origin = |text: &String| {
            let url: Option<Url> = text.parse().ok();
            url.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && !text.contains('*')
                    && url.origin().ascii_serialization() == *text
            })
        };
        match origins.iter().find(|origin| !is_origin(origin)) {
            Some(other) => Err(format!(
                "names {other:?}: write origins as in https://www.school.example, with commas between"
            )),
            None => Ok(Self(origins)),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(text: &str) -> Option<[Option<(u32, u32)>; 2]> {
        let quotas = text.parse::<RateLimit>().ok()?.0;
        let plain = |quota: Option<Quota>| quota.map(|q| (q.count.get(), q.seconds.get()));
        Some([plain(quotas.client), plain(quotas.email)])
    }

    #[test]
    fn rate_limits_are_named_one_by_one() {
        let both = Some([Some((1200, 60)), Some((10, 600))]);
        assert_eq!(quotas("client=1200/60,email=10/600"), both);
        assert_eq!(quotas("email=10/600, client=1200/60"), both);
        assert_eq!(quotas("client=off,email=10/600"), Some([None, Some((10, 600))]));
        assert_eq!(quotas("email=off"), Some([Some((1200, 60)), None]));
        assert_eq!(quotas("client=5/1"), Some([Some((5, 1)), Some((10, 600))]));
        assert_eq!(quotas("off"), Some([None, None]));
        for mistake in [
            "",
            "on",
            "client",
            "client=1",
            "client=0/60",
            "client=1/0",
            "client=off,off",
            "all=1/60",
        ] {
            assert_eq!(quotas(mistake), None, "{mistake}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_do() {
        let origins = |text: &str| text.parse::<Origins>().ok().map(|origins| origins.0);
        assert_eq!(origins(""), Some(vec![]));
        let two = ["https://www.school.example", "http://localhost:8080"];
        assert_eq!(origins(&two.join(", ")), Some(two.map(str::to_owned).to_vec()));
        for mistake in [
            "www.school.example",
            "https://a.example/",
            "https://a.example/x",
            "*",
            "https://*",
            "https://A.example",
            "https://a.example:443",
            "https://a.example#x",
            "ftp://a.example",
        ] {
            assert_eq!(origins(mistake), None, "{mistake}");
        }
    }
}
