//! Whether a form was filled in by a person, as far as one can tell without asking anything of them.
//! Whoever is doubted sends the same answers once more; nobody is refused for good.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{app::App, body::Sent, problem::Doubt};

/// How long ago the form was given out; `None` where no form of ours was sent. Programs that speak to
/// the API need none: what they may do is a matter of limits.
pub(crate) fn age(app: &App, sent: &Sent, now: DateTime<Utc>) -> Result<Option<TimeDelta>, Doubt> {
    let Some(key) = sent.idempotency_key.text() else { return Ok(None) };
    if sent.website.text().is_some_and(|text| !text.is_empty()) {
        return Err(Doubt::TrapFilled);
    }
    let age = app.form_secret.age(key, now).map_err(|_| Doubt::ForgedKey)?;
    let too_fast =
        age.and_then(|age| age.to_std().ok()).is_some_and(|age| age < app.config.minimum_fill_time);
    if too_fast { Err(Doubt::TooFast) } else { Ok(age) }
}
