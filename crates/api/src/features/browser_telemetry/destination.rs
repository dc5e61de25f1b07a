//! Where a page sends its requests, as the spans of those requests record it.

use actix_web::http::{Uri, uri::Authority};
use registration_telemetry::{RelayedValue, shortened};

use crate::web::{base_path::BasePath, middleware::root_span::MAX_HEADER_BYTES, paths};

/// The service's own address, as a page uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Destination {
    url: String,
    host: String,
}

impl Destination {
    /// The address of a page, by the header fields `Origin` and `Host` of its request. `None` unless both
    /// name the same host and port: then neither is a text of the client's own. Without the user part,
    /// which an origin never has and which may be a password.
    pub(super) fn of(origin: &str, host: &str, base: BasePath) -> Option<Self> {
        let origin: Uri = origin.parse().ok()?;
        let (scheme, authority) = (origin.scheme_str()?, origin.authority()?);
        let host: Authority = host.parse().ok()?;
        let is_own = authority.host().eq_ignore_ascii_case(host.host())
            && authority.port_u16() == host.port_u16();
        if !is_own || !matches!(scheme, "http" | "https") {
            return None;
        }
        let name = authority.host();
        let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!("{scheme}://{name}{port}{base}{}", paths::REGISTER);
        let text = |text| shortened(text, MAX_HEADER_BYTES).into_owned();
        Some(Self { url: text(&url), host: text(name) })
    }

    /// The attributes of a request to this address.
    pub(super) fn attributes(&self) -> [(&'static str, RelayedValue); 2] {
        [
            ("url.full", RelayedValue::Text(self.url.clone())),
            ("server.address", RelayedValue::Text(self.host.clone())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(origin: &str, host: &str) -> Option<(String, String)> {
        Destination::of(origin, host, BasePath::default())
            .map(|destination| (destination.url, destination.host))
    }

    #[test]
    fn a_destination_is_the_host_of_the_request_itself() {
        let own = |url: &str, host: &str| Some((url.to_owned(), host.to_owned()));
        assert_eq!(
            of("https://www.school.example", "www.School.example"),
            own("https://www.school.example/register", "www.school.example")
        );
        assert_eq!(of("http://[::1]:80", "[::1]:80"), own("http://[::1]:80/register", "[::1]"));
        let user = own("http://school.example:8/register", "school.example");
        assert_eq!(of("http://name:password@school.example:8", "school.example:8"), user);
        assert_eq!(of("http://name@school.example:8", "name@school.example:8"), user);
        for origin in [
            "https://evil.example",
            "https://www.school.example:8443",
            "https://www.school.example.evil",
            "ftp://www.school.example",
            "www.school.example",
            "null",
            "",
        ] {
            assert_eq!(of(origin, "www.school.example"), None, "{origin}");
        }
    }

    #[test]
    fn a_destination_is_short() {
        let host = "h".repeat(60_000);
        let origin = format!("http://{host}");
        let Destination { url, host } =
            Destination::of(&origin, &host, BasePath::default()).unwrap();
        assert_eq!([url.len(), host.len()], [MAX_HEADER_BYTES; 2]);
        assert!(url.ends_with('…') && host.ends_with('…'));
    }
}
