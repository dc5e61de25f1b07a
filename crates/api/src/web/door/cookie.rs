//! The session's cookie.

use actix_web::http::header::{COOKIE, HeaderMap};

/// The cookie of a session where the browser keeps it to TLS and to this host (RFC 6265bis, section
/// 4.1.3.2).
const SECURE_COOKIE: &str = "__Host-desk";
/// The cookie without TLS, for development.
const PLAIN_COOKIE: &str = "desk";

/// The value of the session's cookie, under the name that this connection's has; `None` where there are
/// several. Another name could be set by a neighbouring host.
pub(super) fn get(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let fields = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim() == cookie_name(is_secure));
    let value = values.next()?.1.trim();
    values.next().is_none().then_some(value)
}

const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { PLAIN_COOKIE }
}

/// `Set-Cookie` of a session; without a value it ends the cookie.
pub(super) fn set(is_secure: bool, value: Option<&str>) -> String {
    let (name, secure) = (cookie_name(is_secure), if is_secure { "; Secure" } else { "" });
    let (value, age) = match value {
        Some(value) => (value, ""),
        None => ("", "; Max-Age=0"),
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::header_fields::tests::headers;

    #[test]
    fn the_cookie_is_one_of_the_sessions() {
        for (fields, secure, plain) in [
            (&[("cookie", "a=b; __Host-desk=x; c=d")][..], Some("x"), None),
            (&[("cookie", "desk=y")], None, Some("y")),
            (&[("cookie", "desk=y; __Host-desk=x")], Some("x"), Some("y")),
            (&[("cookie", "desk=y"), ("cookie", "desk=z")], None, None),
            (&[("cookie", "__Host-desk=y; __Host-desk=y; desk=z")], None, Some("z")),
            (&[("cookie", "xdesk=y")], None, None),
            (&[], None, None),
        ] {
            assert_eq!(get(&headers(fields), true), secure, "{fields:?}");
            assert_eq!(get(&headers(fields), false), plain, "{fields:?}");
        }
    }
}
