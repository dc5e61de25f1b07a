//! The idempotency key of a request to register: in the header, or in the body.

use actix_web::HttpRequest;
use registration_application::register::{KeySource, RegistrationRequest, without_prefix};
use registration_domain::{IdempotencyKey, RawField};

use crate::web::idempotency_key::{MalformedKey, field, unquoted};

/// The key and where it was found.
pub(super) fn of(
    request: &HttpRequest,
    body: &RegistrationRequest,
) -> Result<(Option<IdempotencyKey>, KeySource), MalformedKey> {
    let (text, source) = match (field(request.headers())?, &body.idempotency_key) {
        (Some(text), _) => (text, KeySource::Header),
        (None, RawField::Text(text)) if !text.is_empty() => (text.as_str(), KeySource::Body),
        (None, RawField::NotText) => return Err(MalformedKey),
        (None, RawField::Text(_) | RawField::Missing) => return Ok((None, KeySource::Body)),
    };
    let key = IdempotencyKey::parse(without_prefix(unquoted(text)?)).map_err(|_| MalformedKey)?;
    Ok((Some(key), source))
}
