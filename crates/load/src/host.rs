//! Where the service is, as `--host` says it.

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
};

use hyper::{Uri, header::HeaderValue};

/// `http://`, a host and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    name: String,
    port: u16,
    authority: String,
}

impl Host {
    /// Every address that it has.
    ///
    /// # Errors
    ///
    /// Where nobody knows the host.
    pub(crate) fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        Ok((self.name.as_str(), self.port).to_socket_addrs()?.collect())
    }

    /// What the `Host` header says.
    ///
    /// # Errors
    ///
    /// None: what was parsed as a URL can stand in a header.
    pub(crate) fn header(&self) -> io::Result<HeaderValue> {
        HeaderValue::try_from(&self.authority).map_err(io::Error::other)
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write a URL as in http://localhost:5000";
        let uri: Uri = text.parse().map_err(|error| format!("{error}: {example}"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(format!("https is not spoken here, only http: {example}"));
            }
            _ => return Err(format!("it does not begin with http://: {example}")),
        }
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err(format!("nothing may stand behind the host and its port: {example}"));
        }
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty())
        else {
            return Err(format!("it names no host: {example}"));
        };
        if authority.as_str().contains('@') {
            return Err(format!("a user has no meaning here: {example}"));
        }
        let host = authority.host();
        // A port that is none is not told apart from none at all.
        let port = match authority.as_str().strip_prefix(host).unwrap_or_default() {
            "" => 80,
            port => port
                .strip_prefix(':')
                .and_then(|port| port.parse().ok())
                .filter(|port| *port != 0)
                .ok_or_else(|| format!("its port is none: {example}"))?,
        };
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { name, port, authority: authority.to_string() })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_a_name_and_a_port() {
        for (text, name, port) in [
            ("http://localhost:5000", "localhost", 5000),
            ("http://127.0.0.1/", "127.0.0.1", 80),
            ("http://[::1]:8080", "::1", 8080),
            ("HTTP://school.example", "school.example", 80),
        ] {
            let host: Host = text.parse().unwrap();
            assert_eq!((host.name.as_str(), host.port), (name, port), "{text}");
        }
        let host: Host = "http://[::1]:8080/".parse().unwrap();
        assert_eq!(host.to_string(), "http://[::1]:8080");
        assert_eq!(host.resolve().unwrap(), ["[::1]:8080".parse().unwrap()]);
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, told) in [
            ("", "empty"),
            ("localhost:5000", "http://"),
            ("/register", "http://"),
            ("https://localhost", "https is not spoken"),
            ("ftp://localhost", "does not begin with http://"),
            ("http://", "http://"),
            ("http://:5000", "names no host"),
            ("http://localhost:0", "port"),
            ("http://localhost:70000", "port"),
            ("http://localhost:", "port"),
            ("http://localhost:5000/register", "nothing may stand behind"),
            ("http://localhost/?a=b", "nothing may stand behind"),
            ("http://localhost/#a", "nothing may stand behind"),
            ("http://me:secret@localhost", "a user has no meaning"),
            ("not a url", "URL"),
        ] {
            let error = text.parse::<Host>().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
