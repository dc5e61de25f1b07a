//! Fuzz targets of the request's headers.

use std::net::SocketAddr;

use actix_web::{
    HttpRequest,
    http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderName, HeaderValue},
    test::TestRequest,
};

use super::{
    client_address::{self, TrustedProxies},
    locale::RequestLocale,
    negotiation::{Representation, preferred},
};
use crate::i18n::Language;

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The number of trusted proxies in the first byte; then values of `X-Forwarded-For`, one a line.
pub fn forwarded_headers(data: &[u8]) {
    let Some((proxies, lines)) = data.split_first() else { return };
    let proxies = u32::from(proxies % 8);
    let values = values(lines);
    let address = |values: &[HeaderValue], proxies| {
        let request = request(&FORWARDED, values);
        client_address::address(request.head(), TrustedProxies(proxies))
    };
    let client = address(&values, proxies);
    let peer = Some(PEER.ip());
    assert_eq!(client.map(|client| client.to_canonical()), client);
    assert_eq!(address(&values, 0), peer);
    assert_eq!(address(&[], proxies), peer);
    // What is in front of the trusted proxies' entries has no effect.
    let hops: usize =
        values.iter().map(|value| value.as_bytes().split(|b| *b == b',').count()).sum();
    if hops >= proxies as usize {
        let forged = HeaderValue::from_static("6.6.6.6, [6::6]:6");
        let forged = [&[forged], &*values].concat();
        assert_eq!(address(&forged, proxies), client);
    }
    // Proxies may append to the value or add one (RFC 9110, section 5.3).
    if let Ok(joined) = HeaderValue::from_bytes(&bytes(&values).join(&b", "[..])) {
        assert_eq!(address(&[joined], proxies), client);
    }
}

/// Values of `Accept` and of `Accept-Language`, one a line.
pub fn accept(data: &[u8]) {
    let values = values(data);
    let language = RequestLocale::of(&request(&ACCEPT_LANGUAGE, &values)).language;
    let bytes = bytes(&values).concat().to_ascii_lowercase();
    let names = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(language == Language::ALL[0] || names(language.tag()));

    let values: Vec<_> = values.into_iter().filter(|value| value.to_str().is_ok()).collect();
    let of = |values: &[HeaderValue]| preferred(&request(&ACCEPT, values));
    let representation = of(&values);
    match representation {
        Representation::Html => assert!(names("*/*") || names("text/") || names("application/")),
        Representation::Json => assert!(names("*/*") || names("application/")),
        Representation::Other => {}
    }
    let mut more = values.clone();
    more.push(HeaderValue::from_static("image/png, nonsense"));
    assert_eq!(of(&more), representation, "a range of another type has an effect");
    let joined: Vec<_> = values.iter().filter_map(|value| value.to_str().ok()).collect();
    for joined in [joined.join(","), joined.join(" , ").to_ascii_uppercase()] {
        if let Ok(joined) = HeaderValue::from_str(&joined) {
            assert_eq!(of(&[joined]), representation, "notation has an effect");
        }
    }
}

const PEER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9)), 1234);

/// The lines that are values of a header field.
fn values(data: &[u8]) -> Vec<HeaderValue> {
    data.split(|b| *b == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect()
}

fn bytes(values: &[HeaderValue]) -> Vec<&[u8]> {
    values.iter().map(HeaderValue::as_bytes).collect()
}

fn request(name: &HeaderName, values: &[HeaderValue]) -> HttpRequest {
    let add = |request: TestRequest, value: &HeaderValue| {
        request.append_header((name.clone(), value.clone()))
    };
    values.iter().fold(TestRequest::get().peer_addr(PEER), add).to_http_request()
}
