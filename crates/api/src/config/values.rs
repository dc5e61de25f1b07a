//! The value types of options. Each error completes the sentence "VARIABLE …".

use std::{
    fmt,
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
    time::Duration,
};

use registration_application::rate_limit::{Quota, Quotas};
use registration_domain::EmailAddress;
use registration_telemetry::{LogFormat, check_filter};
use url::Url;

use crate::web::public_url::PublicUrl;

/// Maximum of every duration: a day, far from overflowing a clock.
const MAX_SECONDS: f64 = 86_400.0;

/// A host and a port to listen on: every address of the host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address(Vec<SocketAddr>);

impl Address {
    #[cfg(test)]
    pub(crate) fn of(sockets: Vec<SocketAddr>) -> Self {
        Self(sockets)
    }

    pub(crate) fn sockets(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_socket_addrs() {
            Ok(found) => {
                // A name may be twice in the hosts file.
                let mut sockets = Vec::new();
                for socket in found {
                    if !sockets.contains(&socket) {
                        sockets.push(socket);
                    }
                }
                Ok(Self(sockets))
            }
            Err(_) => Err(format!(
                "is {text:?}: write HOST:PORT, as in 127.0.0.1:5000, with a host name that resolves"
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
pub(super) struct Count<const MIN: u32, const MAX: u32>(pub(super) u32);

impl<const MIN: u32, const MAX: u32> FromStr for Count<MIN, MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|count| (MIN..=MAX).contains(count));
        count
            .map(Self)
            .ok_or_else(|| format!("is {text:?}: write a whole number from {MIN} to {MAX}"))
    }
}

/// A duration in seconds, from `MIN` milliseconds to a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Seconds<const MIN: u64>(pub(super) Duration);

impl<const MIN: u64> FromStr for Seconds<MIN> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let min = Duration::from_millis(MIN).as_secs_f64();
        let seconds = text.parse().ok().filter(|seconds| (min..=MAX_SECONDS).contains(seconds));
        let duration = seconds.map(|seconds| Self(Duration::from_secs_f64(seconds)));
        duration.ok_or_else(|| format!("is {text:?}: write seconds from {min} to {MAX_SECONDS}"))
    }
}

/// Rate limits: those named, and the default of each other; or none.
#[derive(Clone, Debug, Default)]
pub(super) struct RateLimit(pub(super) Quotas);

/// Enough for a school behind one address on opening day.
pub(super) const DEFAULT_RATE_LIMITS: &str =
    "client=1200/60,reads=6000/60,sign_ins=30/60,token=600/60,email=10/600,duplicates=60/600";

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(Quotas::default()));
        }
        let mut quotas = Quotas::default();
        // A limit that is named comes last and overrides its default.
        for limit in DEFAULT_RATE_LIMITS.split(',').chain(text.split(',')) {
            set_quota(&mut quotas, limit.trim()).ok_or_else(|| {
                format!(
                    "is {text:?}: write off, or limits as in {DEFAULT_RATE_LIMITS} or email=off"
                )
            })?;
        }
        Ok(Self(quotas))
    }
}

/// Applies `client=1200/60` or `email=off`; `None` for any other text.
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
        "reads" => quotas.reads = quota,
        "sign_ins" => quotas.sign_ins = quota,
        "token" => quotas.token = quota,
        "email" => quotas.email = quota,
        "duplicates" => quotas.duplicates = quota,
        _ => return None,
    }
    Some(())
}

/// Origins as browsers send them (RFC 6454): scheme, host and port, without a path.
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

/// A boolean.
#[derive(Clone, Debug, Default)]
pub(super) struct Bool(pub(super) bool);

impl FromStr for Bool {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Self(true)),
            "false" | "0" | "no" | "off" | "" => Ok(Self(false)),
            _ => Err(format!("is {text:?}: write true or false")),
        }
    }
}

/// An address of a page or a service; `None` for an invalid one, whose error is reported.
#[derive(Clone, Debug, Default)]
pub(super) struct OptionalUrl(pub(super) Option<PublicUrl>);

impl FromStr for OptionalUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(|url| Self(Some(url)))
    }
}

/// A link template: `{trace_id}` is replaced by the id of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct TraceLink(pub(super) String);

impl FromStr for TraceLink {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_link = text.starts_with("https://") || text.starts_with("http://");
        match is_link && text.contains("{trace_id}") {
            true => Ok(Self(text.to_owned())),
            false => Err("must be an address with {trace_id} in it".to_owned()),
        }
    }
}

/// An address for e-mail.
#[derive(Clone, Debug, Default)]
pub(super) struct OptionalEmail(pub(super) Option<EmailAddress>);

impl FromStr for OptionalEmail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = EmailAddress::parse(text);
        address.map(|address| Self(Some(address))).map_err(|_| "is no e-mail address".to_owned())
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

    fn quotas(text: &str) -> Option<[Option<(u32, u32)>; 6]> {
        let quotas = text.parse::<RateLimit>().ok()?.0;
        let plain = |quota: Option<Quota>| quota.map(|q| (q.count.get(), q.seconds.get()));
        let Quotas { client, reads, sign_ins, token, email, duplicates } = quotas;
        Some([client, reads, sign_ins, token, email, duplicates].map(plain))
    }

    #[test]
    fn rate_limits_are_named_one_by_one() {
        let [client, reads] = [Some((1200, 60)), Some((6000, 60))];
        let [signing, token] = [Some((30, 60)), Some((600, 60))];
        let [email, duplicates] = [Some((10, 600)), Some((60, 600))];
        let all = Some([client, reads, signing, token, email, duplicates]);
        assert_eq!(quotas("client=1200/60,email=10/600"), all);
        assert_eq!(quotas("email=10/600, client=1200/60, duplicates=60/600"), all);
        assert_eq!(
            quotas("client=off,email=10/600"),
            Some([None, reads, signing, token, email, duplicates])
        );
        assert_eq!(
            quotas("email=off,sign_ins=off"),
            Some([client, reads, None, token, None, duplicates])
        );
        assert_eq!(
            quotas("client=5/1,token=9/2"),
            Some([Some((5, 1)), reads, signing, Some((9, 2)), email, duplicates])
        );
        assert_eq!(
            quotas("duplicates=off,reads=off"),
            Some([client, None, signing, token, email, None])
        );
        assert_eq!(quotas("off"), Some([None; 6]));
        for invalid in [
            "",
            "on",
            "client",
            "client=1",
            "client=0/60",
            "client=1/0",
            "client=off,off",
            "all=1/60",
        ] {
            assert_eq!(quotas(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_do() {
        let origins = |text: &str| text.parse::<Origins>().ok().map(|origins| origins.0);
        assert_eq!(origins(""), Some(vec![]));
        let two = ["https://www.school.example", "http://localhost:8080"];
        assert_eq!(origins(&two.join(", ")), Some(two.map(str::to_owned).to_vec()));
        for invalid in [
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
            assert_eq!(origins(invalid), None, "{invalid}");
        }
    }
}
