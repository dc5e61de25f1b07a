//! The body of a request: its format, its size and its time limit.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
    web::{Bytes, Payload},
};
use mime::Mime;

use super::problem::Problem;

/// Maximum size of a body, in bytes.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// The supported formats of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    Json,
    Form,
}

/// The format of the body, by the request's headers.
pub(crate) fn format(request: &HttpRequest) -> Result<BodyFormat, Problem> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type: Option<Mime> = header(CONTENT_TYPE).and_then(|value| value.parse().ok());
    let content_type = content_type.ok_or_else(unsupported_media_type)?;
    let utf8 = content_type.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
    let plain = request.headers().get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    match content_type.essence_str() {
        _ if !utf8 || !plain => Err(unsupported_media_type()),
        "application/json" => Ok(BodyFormat::Json),
        "application/x-www-form-urlencoded" => Ok(BodyFormat::Form),
        _ => Err(unsupported_media_type()),
    }
}

/// Neither JSON nor a form, or not in UTF-8.
pub(crate) fn unsupported_media_type() -> Problem {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Problem::new(status, "unsupported_media_type", |m| m.unsupported_media_type)
}

/// The whole body, if it is within [`MAX_BYTES`] and arrives within `timeout`.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    timeout: Duration,
) -> Result<Bytes, Problem> {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BYTES) {
        return Err(too_large());
    }
    match tokio::time::timeout(timeout, payload.to_bytes_limited(MAX_BYTES)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(Problem::malformed(|m| m.not_whole)),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(too_slow()),
    }
}

fn too_large() -> Problem {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(status, "content_too_large", |m| m.content_too_large).closing_connection()
}

fn too_slow() -> Problem {
    let status = StatusCode::REQUEST_TIMEOUT;
    Problem::new(status, "request_timeout", |m| m.request_timeout).closing_connection()
}
