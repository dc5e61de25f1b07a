//! Whether a form was filled in by a person, as far as one can tell without asking anything of them.
//! Whoever is doubted sends the same answers once more; nobody is refused for good.

use chrono::{DateTime, TimeDelta, Utc};

use super::form_key;
use crate::{app::App, body::Sent, problem::Doubt};

/// How long ago the form was given out; `None` where no form of ours was sent, or one that has been
/// doubted already. Programs that speak to the API need none: what they may do is a matter of limits.
/// A signature that is not known here does not matter where the page's script brings a key of its own.
pub(crate) fn age(
    app: &App,
    sent: &Sent,
    has_own_key: bool,
    now: DateTime<Utc>,
) -> Result<Option<TimeDelta>, Doubt> {
    let key = sent.idempotency_key.text().filter(|key| form_key::is_unconfirmed(key));
    let Some(key) = key else { return Ok(None) };
    if sent.website.text().is_some_and(|text| !text.is_empty()) {
        return Err(Doubt::TrapFilled);
    }
    let age = match app.form_secret.age(key, now) {
        Err(_) if has_own_key => return Ok(None),
        age => age.map_err(|_| Doubt::ForgedKey)?,
    };
    let too_fast =
        age.and_then(|age| age.to_std().ok()).is_some_and(|age| age < app.config.minimum_fill_time);
    if too_fast { Err(Doubt::TooFast) } else { Ok(age) }
}
