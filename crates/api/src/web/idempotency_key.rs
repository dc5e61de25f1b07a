//! The header field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

use actix_web::http::header::{HeaderMap, HeaderName};
use registration_domain::IdempotencyKey;

use super::problem::Problem;

const FIELD: HeaderName = HeaderName::from_static("idempotency-key");

/// The key is not one, or there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedKey;

/// The value of the field; `None` without one.
pub(crate) fn field(headers: &HeaderMap) -> Result<Option<&str>, MalformedKey> {
    let mut values = headers.get_all(FIELD);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| MalformedKey),
        (Some(_), Some(_)) => Err(MalformedKey),
    }
}

/// The text of a key: a string of RFC 9651, as the draft has it, or without quotation marks, as many
/// clients send.
pub(crate) fn unquoted(text: &str) -> Result<&str, MalformedKey> {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let bare = quoted.unwrap_or(text);
    if bare.contains(['"', '\\']) { Err(MalformedKey) } else { Ok(bare) }
}

/// The key of a request; `None` without one.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, MalformedKey> {
    let parse = |text| IdempotencyKey::parse(unquoted(text)?).map_err(|_| MalformedKey);
    field(headers)?.map(parse).transpose()
}

impl From<MalformedKey> for Problem {
    fn from(_: MalformedKey) -> Self {
        Self::malformed(|m| m.bad_key)
    }
}
