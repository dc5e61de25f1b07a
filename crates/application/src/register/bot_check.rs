//! Whether a form looks filled in by a bot, judged without asking anything of a person. A suspect
//! form has to be confirmed once; no form is refused for good.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{FormSecret, KeySource, RegistrationRequest, UnknownAge, is_form_token};

/// Why a form has to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotSignal {
    /// Submitted sooner than the minimum fill time.
    #[error("submitted sooner than the minimum fill time")]
    TooFast,
    /// The honeypot was filled in.
    #[error("the honeypot was filled in")]
    HoneypotFilled,
    /// The form token was signed with another secret.
    #[error("the form token's signature is invalid")]
    InvalidSignature,
    /// The form token was issued in the future: nothing is known of its age.
    #[error("the form token was issued in the future")]
    IssuedInFuture,
}

/// How long ago the form was issued; `None` where the request carries no form token, or one that
/// has been confirmed. A program that calls the API needs no token: rate limits apply to it. A token
/// of unknown age, as by an invalid signature, is ignored where the page's script brings a key of its own in the header.
pub(super) fn form_age(
    secret: &FormSecret,
    minimum_fill_time: Duration,
    request: &RegistrationRequest,
    key_source: KeySource,
    now: DateTime<Utc>,
) -> Result<Option<TimeDelta>, BotSignal> {
    let token = request.idempotency_key.text().filter(|key| is_form_token(key));
    let Some(token) = token else { return Ok(None) };
    if request.honeypot.text().is_some_and(|text| !text.is_empty()) {
        return Err(BotSignal::HoneypotFilled);
    }
    let age = match secret.age(token, now) {
        Err(_) if key_source == KeySource::Header => return Ok(None),
        Err(UnknownAge::InvalidSignature) => return Err(BotSignal::InvalidSignature),
        Err(UnknownAge::Future) => return Err(BotSignal::IssuedInFuture),
        Ok(age) => age,
    };
    let is_too_fast =
        age.and_then(|age| age.to_std().ok()).is_some_and(|age| age < minimum_fill_time);
    if is_too_fast { Err(BotSignal::TooFast) } else { Ok(age) }
}
