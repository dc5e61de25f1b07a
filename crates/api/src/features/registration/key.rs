//! The idempotency key of a request: in the header `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header-07), or in the body.

use actix_web::HttpRequest;
use registration_application::register::{KeySource, RegistrationRequest, without_prefix};
use registration_domain::{IdempotencyKey, RawField};

/// The key is not one, or there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MalformedKey;

const HEADER: &str = "idempotency-key";

/// The key and where it was found.
pub(super) fn of(
    request: &HttpRequest,
    body: &RegistrationRequest,
) -> Result<(Option<IdempotencyKey>, KeySource), MalformedKey> {
    let mut headers = request.headers().get_all(HEADER);
    let (text, source) = match (headers.next(), headers.next()) {
        (None, _) => match &body.idempotency_key {
            RawField::Text(text) if !text.is_empty() => (text.as_str(), KeySource::Body),
            RawField::NotText => return Err(MalformedKey),
            RawField::Text(_) | RawField::Missing => return Ok((None, KeySource::Body)),
        },
        (Some(header), None) => (header.to_str().map_err(|_| MalformedKey)?, KeySource::Header),
        (Some(_), Some(_)) => return Err(MalformedKey),
    };
    // A string of RFC 9651, as the draft has it, or without quotation marks, as many clients send.
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let bare = quoted.unwrap_or(text);
    if bare.contains(['"', '\\']) {
        return Err(MalformedKey);
    }
    let key = IdempotencyKey::parse(without_prefix(bare)).map_err(|_| MalformedKey)?;
    Ok((Some(key), source))
}
