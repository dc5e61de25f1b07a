//! Whether a form looks filled in by a bot, judged without asking anything of a person. A suspect
//! form has to be confirmed once; no form is refused for good.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    FormSecret, KeySource, RegistrationRequest, UnknownAge, is_confirmed_token, is_form_token,
};

/// How long a form can be submitted without being confirmed. A person leaves a page open overnight;
/// a token that is weeks old was more likely collected.
const MAX_FORM_AGE: TimeDelta = TimeDelta::days(7);

/// Why a form has to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotSignal {
    /// Submitted sooner than the minimum fill time.
    #[error("submitted sooner than the minimum fill time")]
    TooFast,
    /// The honeypot was filled in.
    #[error("the honeypot was filled in")]
    HoneypotFilled,
    /// The form was issued too long ago.
    #[error("the form token has expired")]
    Expired,
    /// The form token was signed with another secret.
    #[error("the form token's signature is invalid")]
    InvalidSignature,
    /// The form token was issued in the future: nothing is known of its age.
    #[error("the form token was issued in the future")]
    IssuedInFuture,
}

/// How long ago the form was issued; `None` where the request carries no form token, or one that
/// has been confirmed. A program that calls the API needs no token: rate limits apply to it. The
/// honeypot counts without a token too, because a bot can leave the token out. A token of unknown age,
/// as by an invalid signature, is ignored where the page's script brings a key of its own in the header.
pub(super) fn form_age(
    secret: &FormSecret,
    minimum_fill_time: Duration,
    request: &RegistrationRequest,
    key_source: KeySource,
    now: DateTime<Utc>,
) -> Result<Option<TimeDelta>, BotSignal> {
    let key = request.idempotency_key.text();
    let fills_honeypot = request.honeypot.text().is_some_and(|text| !text.is_empty());
    if fills_honeypot && !key.is_some_and(is_confirmed_token) {
        return Err(BotSignal::HoneypotFilled);
    }
    let Some(token) = key.filter(|key| is_form_token(key)) else { return Ok(None) };
    let age = match secret.age(token, now) {
        Err(_) if key_source == KeySource::Header => return Ok(None),
        Err(UnknownAge::InvalidSignature) => return Err(BotSignal::InvalidSignature),
        Err(UnknownAge::Future) => return Err(BotSignal::IssuedInFuture),
        Ok(age) => age,
    };
    let is_too_fast =
        age.and_then(|age| age.to_std().ok()).is_some_and(|age| age < minimum_fill_time);
    if is_too_fast {
        Err(BotSignal::TooFast)
    } else if age.is_some_and(|age| age > MAX_FORM_AGE) {
        Err(BotSignal::Expired)
    } else {
        Ok(age)
    }
}
