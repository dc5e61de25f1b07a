//! The networks in which a client is counted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The networks of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Networks {
    /// What counts as one client: an IPv4 address, or the /64 that a provider assigns to one line.
    /// An address of NAT64 (RFC 6052, `64:ff9b::/96`) is the IPv4 address that it embeds: otherwise
    /// all IPv4 clients behind one translator would share a /64.
    pub(super) client: IpAddr,
    /// The /48 of an IPv6 address: a site or a hosting customer may have 65,536 /64s in it.
    pub(super) site: Option<IpAddr>,
}

impl Networks {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self { client: v4.into(), site: None },
            IpAddr::V6(v6) => match v6.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
                    let [.., a, b, c, d] = v6.octets();
                    Self { client: Ipv4Addr::new(a, b, c, d).into(), site: None }
                }
                [a, b, c, d, ..] => Self {
                    client: Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into(),
                    site: Some(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()),
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_an_ipv4_address_or_a_slash_64_in_a_slash_48() {
        let networks = |text: &str| {
            let Networks { client, site } = Networks::of(text.parse().unwrap());
            (client.to_string(), site.map(|site| site.to_string()).unwrap_or_default())
        };
        for (address, client, site) in [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::"),
            ("64:ff9b:1::808:808", "64:ff9b:1::", "64:ff9b:1::"),
            ("64:ff9b::808:808", "8.8.8.8", ""),
            ("64:ff9b::909:909", "9.9.9.9", ""),
            ("::ffff:192.0.2.7", "192.0.2.7", ""),
            ("192.0.2.7", "192.0.2.7", ""),
        ] {
            assert_eq!(networks(address), (client.to_owned(), site.to_owned()));
        }
    }
}
