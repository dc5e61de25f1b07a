//! The address at which people reach the service.

use std::{fmt, str::FromStr};

use url::Url;

/// The address, such as `https://school.example/apply`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    text: String,
    origin: String,
}

impl PublicUrl {
    /// Scheme, host and port, as browsers send them in `Origin`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether people reach it by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// The whole address of a path of the service.
    pub(crate) fn of(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok().filter(|url| {
            ["http", "https"].contains(&url.scheme())
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let url = url.ok_or_else(|| {
            "must be an address such as https://school.example, without a query".to_owned()
        })?;
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { text, origin: url.origin().ascii_serialization() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_nothing_behind_its_path() {
        for (text, written, origin) in [
            ("https://School.example/", "https://school.example", "https://school.example"),
            ("https://a.example:443/apply/", "https://a.example/apply", "https://a.example"),
            ("http://localhost:5000", "http://localhost:5000", "http://localhost:5000"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!((url.to_string(), url.origin()), (written.to_owned(), origin));
            assert_eq!(url.of("/desk"), format!("{written}/desk"));
        }
        for text in ["", "school.example", "ftp://x", "https://u:p@x", "https://x?y", "https://x#y"]
        {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
