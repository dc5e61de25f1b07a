//! The client's address and scheme, behind a configured number of trusted proxies.

use std::net::{IpAddr, SocketAddr};

use actix_web::{dev::RequestHead, http::header::HeaderName};

/// How many proxies in front of the service append to `X-Forwarded-For`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TrustedProxies(pub(crate) u32);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client's address. Each trusted proxy appends its own client to `X-Forwarded-For`; entries
/// before those may be forged.
pub(crate) fn address(
    head: &RequestHead,
    TrustedProxies(proxies): TrustedProxies,
) -> Option<IpAddr> {
    let peer = head.peer_addr?.ip();
    let hops = hops(head, FORWARDED_FOR, proxies);
    let address = hops.map_while(parse).last().unwrap_or(peer);
    Some(address.to_canonical())
}

/// Whether the client used TLS: what the outermost trusted proxy says in `X-Forwarded-Proto`.
pub(crate) fn is_https(head: &RequestHead, TrustedProxies(proxies): TrustedProxies) -> bool {
    let hops = hops(head, FORWARDED_PROTO, proxies);
    hops.last().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// What trusted proxies appended to a header field, the nearest first.
fn hops(head: &RequestHead, name: HeaderName, proxies: u32) -> impl Iterator<Item = &str> {
    let values: Vec<_> = head.headers().get_all(name).collect();
    let hops = values.into_iter().rev().flat_map(|value| value.as_bytes().rsplit(|b| *b == b','));
    let hops = hops.map(|hop| str::from_utf8(hop).unwrap_or_default().trim());
    hops.take(usize::try_from(proxies).unwrap_or(usize::MAX))
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(forwarded: &[&str], trusted_proxies: u32) -> String {
        let mut request = TestRequest::get().peer_addr("10.0.0.9:1234".parse().unwrap());
        for value in forwarded {
            request = request.append_header(("X-Forwarded-For", *value));
        }
        address(request.to_http_request().head(), TrustedProxies(trusted_proxies))
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_trusted_proxies_count() {
        let spoofed = ["6.6.6.6, 192.0.2.7", "10.0.0.8"];
        assert_eq!(seen(&spoofed, 0), "10.0.0.9");
        assert_eq!(seen(&spoofed, 1), "10.0.0.8");
        assert_eq!(seen(&spoofed, 2), "192.0.2.7");
        assert_eq!(seen(&[], 2), "10.0.0.9");
        for hidden in ["unknown, 10.0.0.8", "10.0.0.9:x, 10.0.0.8", "Zoë, 10.0.0.8"] {
            assert_eq!(seen(&[hidden], 2), "10.0.0.8");
        }
    }

    #[test]
    fn the_scheme_is_what_the_outermost_trusted_proxy_says() {
        let is_https = |forwarded: &str, proxies| {
            let request = TestRequest::get().append_header(("X-Forwarded-Proto", forwarded));
            is_https(request.to_http_request().head(), TrustedProxies(proxies))
        };
        assert!(is_https("https", 1) && is_https("HTTPS", 2) && is_https("https, http", 2));
        assert!(!is_https("https", 0) && !is_https("https, http", 1) && !is_https("http", 1));
    }

    #[test]
    fn every_notation_of_an_address_is_read() {
        for (notation, address) in [
            ("192.0.2.7:443", "192.0.2.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(seen(&[notation], 1), address);
        }
    }
}
