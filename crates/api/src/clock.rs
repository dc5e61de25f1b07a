//! The source of time and randomness. Everything else takes them as arguments.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// The current time.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Unpredictable bytes.
///
/// # Errors
///
/// The operating system has no random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
