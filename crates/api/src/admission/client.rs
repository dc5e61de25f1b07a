//! Who is asking: the client's address, seen through as many proxies as are trusted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::dev::RequestHead;

/// The client's address. Each trusted proxy adds to `X-Forwarded-For` whom it was asked by; what
/// stands before that anybody could have written.
pub(crate) fn address(head: &RequestHead, trusted_proxies: u32) -> Option<IpAddr> {
    let peer = head.peer_addr?.ip();
    let mut address = peer;
    let headers = head.headers().get_all("x-forwarded-for");
    let headers: Vec<_> = headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let hops = headers.iter().rev().flat_map(|value| value.rsplit(','));
    for hop in hops.take(usize::try_from(trusted_proxies).unwrap_or(usize::MAX)) {
        match parse(hop.trim()) {
            Some(hop) => address = hop,
            None => break,
        }
    }
    Some(address.to_canonical())
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
}

/// What counts as one client: an IPv4 address, or the /64 that an IPv6 network gives to one line.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
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
        address(request.to_http_request().head(), trusted_proxies).unwrap().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
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
    fn proxies_write_addresses_in_many_ways() {
        for (written, address) in [
            ("192.0.2.7:443", "192.0.2.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(seen(&[written], 1), address);
        }
    }

    #[test]
    fn one_line_is_one_client() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
