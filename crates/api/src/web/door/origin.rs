//! Requests from the service's own pages (`Sec-Fetch-Site`, W3C Fetch Metadata, or else `Origin`, RFC
//! 6454).

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use crate::web::{header_fields::only, public_url::PublicUrl};

/// Whether a request that changes something comes from the service's own pages.
pub(super) fn is_same_origin(headers: &HeaderMap, public_url: Option<&PublicUrl>) -> bool {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    if headers.contains_key(&SEC_FETCH_SITE) {
        return only(headers, &SEC_FETCH_SITE) == Some("same-origin");
    }
    let Some(origin) = only(headers, &ORIGIN) else { return false };
    match public_url {
        Some(url) => origin == url.origin(),
        None => {
            let authority = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
            authority.is_some() && authority == only(headers, &HOST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::header_fields::tests::headers;

    #[test]
    fn only_the_services_own_pages_change_something() {
        let url: PublicUrl = "https://school.example/apply".parse().unwrap();
        let is_same = |fields: &[_], url| is_same_origin(&headers(fields), url);
        let host = ("host", "school.example:5000");
        assert!(is_same(&[("sec-fetch-site", "same-origin"), ("origin", "null")], None));
        assert!(is_same(&[host, ("origin", "http://school.example:5000")], None));
        assert!(is_same(&[host, ("origin", "https://school.example:5000")], None));
        assert!(is_same(&[("origin", "https://school.example")], Some(&url)));
        for foreign in [
            &[host][..],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
            &[host, ("sec-fetch-site", "Same-Origin")],
            &[host, ("sec-fetch-site", "")],
            &[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "cross-site"), ("origin", "http://school.example:5000")],
            &[host, ("origin", "null")],
            &[host, ("origin", "")],
            &[host, ("origin", "school.example:5000")],
            &[host, ("origin", "http://school.example")],
            &[host, ("origin", "http://school.example:5000/")],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "http://school.example:5000.evil.example")],
            &[host, ("origin", "http://evil.example#school.example:5000")],
            &[host, ("origin", "ftp://school.example:5000")],
            &[host, ("origin", "http://school.example:5000"), ("origin", "http://evil.example")],
            &[host, ("referer", "http://school.example:5000/desk")],
            &[("origin", "http://school.example:5000")],
            &[host, host, ("origin", "http://school.example:5000")],
        ] {
            assert!(!is_same(foreign, None), "{foreign:?}");
        }
        for foreign in [
            &[host, ("origin", "http://school.example:5000")][..],
            &[host, ("origin", "http://school.example")],
            &[host, ("origin", "https://school.example:443")],
            &[host, ("origin", "https://SCHOOL.example")],
            &[host, ("origin", "https://www.school.example")],
            &[host, ("origin", "https://school.example.evil.example")],
            &[host, ("origin", "https://school.example, https://school.example")],
            &[host, ("origin", " ")],
            &[host, ("sec-fetch-site", "same-origin, cross-site")],
        ] {
            assert!(!is_same(foreign, Some(&url)), "{foreign:?}");
        }
    }
}
