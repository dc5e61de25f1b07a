//! The one place where time and randomness come from. Everything else takes them as arguments.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Ten bytes that nobody can guess.
///
/// # Errors
///
/// The system has no randomness to give.
pub(crate) fn random() -> Result<[u8; 10], getrandom::Error> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
