//! The one place where time and randomness come from. Everything else takes them as arguments.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// As many bytes that nobody can guess.
///
/// # Errors
///
/// The system has no randomness to give.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
