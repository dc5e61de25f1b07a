//! The path below which a proxy serves the application, such as `/apply`.
//!
//! Links, `Location` and form actions begin with it. Requests may arrive with it or without it:
//! some proxies remove it, others do not.

use std::{fmt, str::FromStr};

use actix_web::{HttpRequest, dev::ServiceRequest};

use super::uri;

/// The base path, without a slash at its end; empty where the application is at `/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BasePath(&'static str);

impl BasePath {
    /// The base path of the application that serves this request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        request.app_data().copied().unwrap_or_default()
    }

    pub(crate) fn is_set(self) -> bool {
        !self.0.is_empty()
    }

    /// The path of a request without this one; `None` where it is not below this one.
    fn strip(self, path: &str) -> Option<&str> {
        let rest = path.strip_prefix(self.0)?;
        match rest {
            "" => Some("/"),
            rest => rest.starts_with('/').then_some(rest),
        }
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let is_segment = |segment: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
        };
        let is_path =
            |path: &str| path.strip_prefix('/').is_some_and(|p| p.split('/').all(is_segment));
        if path.is_empty() || is_path(path) {
            // Read once, at start, and copied into every request.
            Ok(Self(path.to_owned().leak()))
        } else {
            Err(format!("is {text:?}: write a path as in /apply, of letters, digits and -._~"))
        }
    }
}

/// Serves a request below the base path like one at `/`.
pub(crate) fn strip(request: &mut ServiceRequest) {
    let base = BasePath::of(request.request());
    if let Some(path) = base.strip(request.path()).map(str::to_owned) {
        uri::set_path(request, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_a_plain_path() {
        for (text, path) in [("", ""), ("/", ""), ("/apply", "/apply"), ("/a/b-c/", "/a/b-c")] {
            assert_eq!(text.parse::<BasePath>().unwrap().to_string(), path, "{text}");
        }
        for other in
            ["apply", "//", "/a//b", "/../a", "/a b", "/a?b", "/a#b", "https://a/b", "/%61"]
        {
            assert!(other.parse::<BasePath>().is_err(), "{other}");
        }
    }

    #[test]
    fn only_paths_below_the_base_path_lose_it() {
        let base: BasePath = "/apply".parse().unwrap();
        for (path, stripped) in [
            ("/apply", Some("/")),
            ("/apply/", Some("/")),
            ("/apply/register", Some("/register")),
            ("/applying", None),
            ("/register", None),
        ] {
            assert_eq!(base.strip(path), stripped, "{path}");
        }
    }
}
