//! The body of a request: its format, its size and its time limit.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
    web::{Bytes, Payload},
};

use super::problem::Problem;

/// Maximum size of a body, in bytes.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// The supported formats of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    Json,
    Form,
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The format of the body, by the request's headers. `Content-Type` is read as RFC 9110, section
/// 5.6.6 asks of recipients: white space around `;` and empty parameters have no meaning.
pub(crate) fn format(request: &HttpRequest) -> Result<BodyFormat, Problem> {
    let codings = request.headers().get_all(CONTENT_ENCODING);
    let mut codings = codings.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    if !codings.all(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported_content_coding());
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let mut charsets = parts.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim_end().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    // The second is a common misspelling.
    let is_utf8 = |charset: &str| ["utf-8", "utf8"].iter().any(|u| charset.eq_ignore_ascii_case(u));
    if !charsets.all(is_utf8) {
        return Err(unsupported_media_type());
    }
    let formats = [(JSON, BodyFormat::Json), (FORM, BodyFormat::Form)];
    let format = formats.into_iter().find(|(name, _)| essence.eq_ignore_ascii_case(name));
    format.map(|(_, format)| format).ok_or_else(unsupported_media_type)
}

/// Neither JSON nor a form, or not in UTF-8. `Accept` names the formats (RFC 9110, section 15.5.16).
fn unsupported_media_type() -> Problem {
    unsupported().with_header(ACCEPT, "application/json, application/x-www-form-urlencoded")
}

/// A form, where only JSON is read.
pub(crate) fn not_json() -> Problem {
    unsupported().with_header(ACCEPT, JSON)
}

/// JSON, where only a form is read.
pub(crate) fn not_form() -> Problem {
    unsupported().with_header(ACCEPT, FORM)
}

/// A compressed body. `Accept-Encoding` names what is read instead (RFC 9110, section 12.5.3).
fn unsupported_content_coding() -> Problem {
    unsupported().with_header(ACCEPT_ENCODING, "identity")
}

pub(crate) fn unsupported() -> Problem {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Problem::new(status, "unsupported_media_type", |m| m.unsupported_media_type)
}

/// The whole body, if it is within [`MAX_BYTES`] and arrives within `timeout`.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    timeout: Duration,
) -> Result<Bytes, Problem> {
    read_up_to(request, payload, timeout, MAX_BYTES).await
}

/// The whole body, if it has at most `max` bytes and arrives within `timeout`.
pub(crate) async fn read_up_to(
    request: &HttpRequest,
    payload: Payload,
    timeout: Duration,
    max: usize,
) -> Result<Bytes, Problem> {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > max) {
        return Err(too_large(max));
    }
    match tokio::time::timeout(timeout, payload.to_bytes_limited(max)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(Problem::malformed(|m| m.not_whole)),
        Ok(Err(_)) => Err(too_large(max)),
        Err(_) => Err(too_slow()),
    }
}

pub(crate) fn too_large(max: usize) -> Problem {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    let kibibytes = (max / 1024).to_string();
    Problem::new(status, "content_too_large", |m| m.content_too_large)
        .with_detail(move |m| m.content_too_large.detail.replace("{kibibytes}", &kibibytes))
        .closing_connection()
}

pub(crate) fn too_slow() -> Problem {
    let status = StatusCode::REQUEST_TIMEOUT;
    Problem::new(status, "request_timeout", |m| m.request_timeout).closing_connection()
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderName, test::TestRequest};

    use super::*;

    fn format_of(name: HeaderName, value: &str) -> Result<BodyFormat, Problem> {
        let request = TestRequest::post().insert_header((CONTENT_TYPE, JSON));
        format(&request.insert_header((name, value)).to_http_request())
    }

    #[test]
    fn content_types_are_read_with_white_space_and_empty_parameters() {
        for json in [
            "application/json",
            "Application/JSON;charset=UTF-8",
            "application/json ; charset=utf-8",
            "application/json\t;charset=\"utf-8\"",
            "application/json;;charset=utf8;",
            "application/json; profile=x",
        ] {
            assert_eq!(format_of(CONTENT_TYPE, json).unwrap(), BodyFormat::Json, "{json}");
        }
        let form = format_of(CONTENT_TYPE, "application/x-www-form-urlencoded ; charset=UTF-8");
        assert_eq!(form.unwrap(), BodyFormat::Form);
        for other in ["", ";", "application/jsonx", "application/json;charset=latin1", "text/json"]
        {
            let problem = format_of(CONTENT_TYPE, other).unwrap_err();
            let accepted = "application/json, application/x-www-form-urlencoded";
            assert_eq!(problem.header, Some((ACCEPT, accepted)), "{other}");
        }
    }

    #[test]
    fn identity_is_no_content_coding_in_any_case() {
        for plain in ["identity", "Identity", "IDENTITY, identity"] {
            assert!(format_of(CONTENT_ENCODING, plain).is_ok(), "{plain}");
        }
        for coded in ["gzip", "identity, gzip", "br"] {
            let problem = format_of(CONTENT_ENCODING, coded).unwrap_err();
            assert_eq!(problem.header, Some((ACCEPT_ENCODING, "identity")), "{coded}");
        }
    }
}
