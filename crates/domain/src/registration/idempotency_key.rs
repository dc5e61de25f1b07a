//! The client's name for one attempt to register.

use std::fmt;

use chrono::TimeDelta;

/// The value of `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): one to
/// [`IdempotencyKey::MAX_CHARS`] visible ASCII characters. `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The text is empty, too long, or not all visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an idempotency key")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// Maximum length, in characters.
    pub const MAX_CHARS: usize = 255;

    /// How long a key is remembered.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

    /// Parses a key.
    ///
    /// # Errors
    ///
    /// The text is empty, too long, or not all visible ASCII.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let fits = (1..=Self::MAX_CHARS).contains(&text.len());
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (fits && visible).then(|| Self(text.to_owned())).ok_or(InvalidIdempotencyKey)
    }

    /// The key as received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey([{} chars])", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        for key in ["8e03978e-40d5-43e8-bc93-6894a57f9324", "a", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(key).unwrap().as_str(), key);
        }
        for text in ["", " ", "two words", "café", "a\n", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), Err(InvalidIdempotencyKey), "{text:?}");
        }
    }

    #[test]
    fn debug_never_shows_the_key() {
        let key = IdempotencyKey::parse("secret").unwrap();
        assert_eq!(format!("{key:?}"), "IdempotencyKey([6 chars])");
    }
}
