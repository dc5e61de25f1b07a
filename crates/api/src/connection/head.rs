//! The head of a request, as far as a connection depends on it: its limits, its `Host`, whether it
//! asks for another protocol, and how long its body is.

use std::{mem::MaybeUninit, net::Ipv6Addr};

use actix_web::http::Uri;

use super::refusal::Refusal;

/// Maximum bytes of a head.
pub(super) const MAX_HEAD: usize = 16 * 1024;
/// Maximum bytes of a request target; RFC 9110 4.1 recommends to support 8,000.
const MAX_TARGET: usize = 8_000;
/// Maximum header fields, as in the HTTP library.
const MAX_FIELDS: usize = 96;

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// This many bytes.
    Length(u64),
    Chunked,
    /// Everything until the client closes: `CONNECT`.
    UntilClose,
}

/// A whole head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its bytes, the empty line included.
    pub(super) length: usize,
    pub(super) body: Body,
}

/// The head at the beginning of `input`, or `None` where it is not whole yet.
///
/// Removes what asks for another protocol: the service speaks none, the HTTP library would echo
/// the request in the answer's `Connection`, and would read a WebSocket's body until the client
/// closes. RFC 9110 7.8 lets a server ignore `Upgrade`.
///
/// # Errors
///
/// The head is refused.
pub(super) fn examine(input: &mut [u8]) -> Result<Option<Head>, Refusal> {
    let (head, spans) = {
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut []);
        let length = match request.parse_with_uninit_headers(input, &mut fields) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if input.len() < MAX_HEAD => return Ok(None),
            Ok(httparse::Status::Partial) if request.path.is_none() => {
                return Err(Refusal::TargetTooLong);
            }
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Refusal::HeadTooLarge);
            }
            Err(_) => return Err(Refusal::Malformed),
        };
        if request.path.is_some_and(|target| target.len() > MAX_TARGET) {
            return Err(Refusal::TargetTooLong);
        }
        if length > MAX_HEAD {
            return Err(Refusal::HeadTooLarge);
        }
        if request.path.is_none_or(|target| target.parse::<Uri>().is_err()) {
            return Err(Refusal::Malformed);
        }
        let (body, spans) = fields_of(&request)?;
        let start = input.as_ptr() as usize;
        let spans: Vec<_> =
            spans.into_iter().map(|span| (span.as_ptr() as usize - start, span.len())).collect();
        (Head { length, body }, spans)
    };
    for (at, length) in spans {
        input[at..at + length].fill(b' ');
    }
    Ok(Some(head))
}

/// The body's framing, and the parts of values that ask for another protocol.
fn fields_of<'a>(request: &httparse::Request<'_, 'a>) -> Result<(Body, Vec<&'a [u8]>), Refusal> {
    let (mut body, mut host, mut upgrades) = (None, None, Vec::new());
    for field in request.headers.iter() {
        let is = |name: &str| field.name.eq_ignore_ascii_case(name);
        if is("host") {
            if host.replace(field.value).is_some() || !is_host(field.value) {
                return Err(Refusal::Malformed);
            }
        } else if is("content-length") {
            let digits = field.value.trim_ascii();
            let digits = digits.iter().all(u8::is_ascii_digit).then_some(digits);
            let length = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            body = Some(the_only(body, length.map(Body::Length))?);
        } else if is("transfer-encoding") {
            let is_chunked = field.value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            body = Some(the_only(body, is_chunked.then_some(Body::Chunked))?);
        } else if is("upgrade") {
            upgrades.push(field.value);
        } else if is("connection") {
            let options = field.value.split(|&byte| byte == b',');
            upgrades.extend(options.filter(|o| o.trim_ascii().eq_ignore_ascii_case(b"upgrade")));
        }
    }
    // RFC 9112 3.2.
    if host.is_none() && request.version == Some(1) {
        return Err(Refusal::Malformed);
    }
    let body = match (request.method, body) {
        (Some("CONNECT"), None) => Body::UntilClose,
        // RFC 9110 9.3.6: it has no body, and the HTTP library would read one.
        (Some("CONNECT"), Some(_)) => return Err(Refusal::Malformed),
        (_, body) => body.unwrap_or(Body::Length(0)),
    };
    Ok((body, upgrades))
}

/// A second framing, or one that is none, is refused (RFC 9112 6.3).
fn the_only(earlier: Option<Body>, body: Option<Body>) -> Result<Body, Refusal> {
    body.filter(|_| earlier.is_none()).ok_or(Refusal::Malformed)
}

/// Whether this is a host with an optional port, or empty (RFC 9110 7.2, RFC 3986 3.2.2).
fn is_host(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value.trim_ascii()) else { return false };
    let (is_known, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, port))) => (address.parse::<Ipv6Addr>().is_ok(), port),
        Some(None) => return false,
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (name.bytes().all(is_name), port)
        }
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && (port.is_empty() || port.parse::<u16>().is_ok())
    };
    is_known && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// `reg-name`: unreserved, percent-encoded and sub-delimiters.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(head: &str) -> (Result<Option<Head>, Refusal>, String) {
        let mut input = head.as_bytes().to_vec();
        let head = examine(&mut input);
        (head, String::from_utf8(input).unwrap())
    }

    #[test]
    fn a_head_tells_how_long_its_body_is() {
        for (fields, body) in [
            ("", Some(Body::Length(0))),
            ("content-length: 7\r\n", Some(Body::Length(7))),
            ("content-length: 7\r\ncontent-length: 7\r\n", None),
            ("content-length: -1\r\n", None),
            ("content-length: +1\r\n", None),
            ("Transfer-Encoding: Chunked\r\n", Some(Body::Chunked)),
            ("transfer-encoding: gzip, chunked\r\n", None),
            ("transfer-encoding: chunked\r\ncontent-length: 7\r\n", None),
        ] {
            let text = format!("POST / HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
            let head = body.map(|body| Some(Head { length: text.len(), body }));
            let head = head.ok_or(Refusal::Malformed);
            assert_eq!(examined(&format!("{text}GET")).0, head, "{fields:?}");
        }
        assert_eq!(examined("GET / HTTP/1.1\r\nhost: x\r\n").0, Ok(None));
        let tunnel = examined("CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\n\r\n").0.unwrap().unwrap();
        assert_eq!(tunnel.body, Body::UntilClose);
        let tunnel = "CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\ncontent-length: 1\r\n\r\na";
        assert_eq!(examined(tunnel).0, Err(Refusal::Malformed));
    }

    #[test]
    fn a_target_is_a_uri() {
        let of = |target: &str| examined(&format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n")).0;
        for target in ["/", "*", "/a?b=%20", "http://x/a", "/{a}"] {
            assert!(of(target).is_ok(), "{target}");
        }
        for other in ["/<a>", "/é", "a b", "http://a b/"] {
            assert_eq!(of(other), Err(Refusal::Malformed), "{other}");
        }
    }

    #[test]
    fn heads_and_targets_have_a_limit() {
        let of = |target: usize, field: usize| {
            let (target, field) = ("a".repeat(target), "b".repeat(field));
            examined(&format!("GET /{target} HTTP/1.1\r\nhost: x\r\nx: {field}\r\n\r\n")).0
        };
        assert!(of(7_999, 8_000).is_ok());
        assert_eq!(of(8_000, 0), Err(Refusal::TargetTooLong));
        assert_eq!(of(1, MAX_HEAD), Err(Refusal::HeadTooLarge));
        let endless = format!("GET /{}", "a".repeat(MAX_HEAD));
        assert_eq!(examined(&endless).0, Err(Refusal::TargetTooLong));
        let endless = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "a".repeat(MAX_HEAD));
        assert_eq!(examined(&endless).0, Err(Refusal::HeadTooLarge));
        let many = "a: b\r\n".repeat(MAX_FIELDS);
        let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n");
        assert_eq!(examined(&many).0, Err(Refusal::HeadTooLarge));
    }

    #[test]
    fn upgrades_are_removed_in_place() {
        let head = "POST / HTTP/1.1\r\nhost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                    Upgrade: h2c\r\nconnection: close,upgrade\r\n\r\n";
        let (examined, after) = examined(head);
        assert_eq!(examined.unwrap().unwrap().length, head.len());
        assert_eq!(
            after,
            "POST / HTTP/1.1\r\nhost: x\r\nConnection:        , HTTP2-Settings\r\n\
             Upgrade:    \r\nconnection: close,       \r\n\r\n"
        );
    }

    #[test]
    fn only_hosts_are_hosts() {
        for host in
            ["x", "", "x:80", "x:", "127.0.0.1:5000", "[::1]", "[::1]:80", "a_b.example", "x%41"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for other in [
            "a b", "user@x", "x:abc", "a/b", "x:99999", "[::1", "<x>", "[x]", "x:1:2", "::1",
            "[::1]x", "é", "x:+1", "a,b c", "x?y", "x#y", "\\",
        ] {
            assert!(!is_host(other.as_bytes()), "{other}");
        }
        for (hosts, is_refused) in [
            ("host: x\r\n", false),
            ("host: x\r\nHost: x\r\n", true),
            ("host: a b\r\n", true),
            ("", true),
        ] {
            let head = examined(&format!("GET / HTTP/1.1\r\n{hosts}\r\n")).0;
            assert_eq!(head == Err(Refusal::Malformed), is_refused, "{hosts:?}");
        }
        assert!(examined("GET / HTTP/1.0\r\n\r\n").0.is_ok());
    }
}
