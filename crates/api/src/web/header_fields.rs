//! Header fields of a request.

use actix_web::http::header::{HeaderMap, HeaderName};

/// The one value of a header field; `None` where there are none or several.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
pub(crate) mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// A request's header fields.
    pub(crate) fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut request = TestRequest::default();
        for field in fields {
            request = request.append_header(*field);
        }
        request.to_http_request().headers().clone()
    }

    #[test]
    fn a_repeated_field_has_no_value() {
        let name = HeaderName::from_static("x");
        assert_eq!(only(&headers(&[("x", "1"), ("y", "2")]), &name), Some("1"));
        assert_eq!(only(&headers(&[("x", "1"), ("x", "1")]), &name), None);
        assert_eq!(only(&headers(&[]), &name), None);
    }
}
