//! The token that each form is issued with: an idempotency key, so that submitting twice is
//! harmless, with a signed time of issue.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{
    Hmac, Mac as _,
    digest::{Key, KeyInit as _},
};
use sha2::{Digest as _, Sha256};

/// The prefix of a form token, which clients' own keys do not have.
const PREFIX: &str = "form-";

/// Whether this key is a form token that the bot check has not seen yet.
#[must_use]
pub fn is_form_token(key: &str) -> bool {
    without_prefix(key) != key
}

/// The key without a form token's prefix. A confirmed form carries it in this form, which the bot
/// check passes; it is also the stored form, so that both submissions are one attempt.
#[must_use]
pub fn without_prefix(key: &str) -> &str {
    match key.strip_prefix(PREFIX) {
        Some(rest) if has_shape(rest) => rest,
        _ => key,
    }
}

/// Whether this key is a form token that a person has confirmed.
#[must_use]
pub fn is_confirmed_token(key: &str) -> bool {
    has_shape(key)
}

/// Time, randomness and signature. A client's own key may have the same prefix.
fn has_shape(rest: &str) -> bool {
    let parts: Vec<_> = rest.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(parts.as_slice(), [time, random, signature]
        if !time.is_empty() && random.len() == 20 && signature.len() == 32)
        && parts.iter().all(digits)
}

/// The key that signs form tokens: the same in every instance behind one address.
#[derive(Clone)]
pub struct FormSecret(Hmac<Sha256>);

/// Why the age of a form token is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownAge {
    /// The token was not signed with this secret.
    #[error("the form token's signature is invalid")]
    InvalidSignature,
    /// The token was issued after this moment: a clock has been set back, or another instance's is
    /// ahead.
    #[error("the form token was issued in the future")]
    Future,
}

impl FormSecret {
    /// Derives the signing key from a secret of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..32].copy_from_slice(&Sha256::digest(secret));
        Self(Hmac::new(&key))
    }

    /// The token of a form issued at `now`.
    #[must_use]
    pub fn issue(&self, now: DateTime<Utc>, random: [u8; 10]) -> String {
        let mut key = format!("{PREFIX}{:x}-", now.timestamp_millis());
        for byte in random {
            let _ = write!(key, "{byte:02x}");
        }
        let signature = self.signature(&key);
        let _ = write!(key, "-{signature:032x}");
        key
    }

    /// How long ago a form token was issued; `None` for a key that is no form token.
    ///
    /// # Errors
    ///
    /// The signature is invalid, or the form was issued in the future.
    pub fn age(&self, key: &str, now: DateTime<Utc>) -> Result<Option<TimeDelta>, UnknownAge> {
        let rest = without_prefix(key);
        if rest == key {
            return Ok(None);
        }
        let (signed, signature) = key.rsplit_once('-').ok_or(UnknownAge::InvalidSignature)?;
        let number =
            u128::from_str_radix(signature, 16).map_err(|_| UnknownAge::InvalidSignature)?;
        if format!("{number:032x}") != signature {
            return Err(UnknownAge::InvalidSignature); // another notation of the same number
        }
        let mac = self.0.clone().chain_update(signed);
        mac.verify_truncated_left(&number.to_be_bytes())
            .map_err(|_| UnknownAge::InvalidSignature)?;
        let issued = rest.split('-').next().and_then(|at| i64::from_str_radix(at, 16).ok());
        let issued =
            issued.and_then(DateTime::from_timestamp_millis).ok_or(UnknownAge::InvalidSignature)?;
        let age = now - issued;
        if age < TimeDelta::zero() { Err(UnknownAge::Future) } else { Ok(Some(age)) }
    }

    /// The first sixteen bytes of the HMAC.
    fn signature(&self, text: &str) -> u128 {
        let whole = self.0.clone().chain_update(text).finalize().into_bytes();
        whole.iter().take(16).fold(0, |signature, byte| signature << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-09-01T09:00:00.123Z".parse().unwrap()
    }

    #[test]
    fn the_age_of_a_token_is_read_with_the_secret_that_signed_it() {
        let secret = FormSecret::new(b"secret");
        let key = secret.issue(now(), [7; 10]);
        let later = now() + TimeDelta::seconds(5);
        assert_eq!(secret.age(&key, later), Ok(Some(TimeDelta::seconds(5))));
        assert_eq!(secret.age(&key, now()), Ok(Some(TimeDelta::zero())));
        assert_eq!(secret.age(&key, now() - TimeDelta::milliseconds(1)), Err(UnknownAge::Future));
        assert_eq!(FormSecret::new(b"another").age(&key, later), Err(UnknownAge::InvalidSignature));
        assert_ne!(key, secret.issue(now(), [8; 10]));
    }

    #[test]
    fn a_token_cannot_be_backdated() {
        let secret = FormSecret::new(b"secret");
        let key = secret.issue(now(), [7; 10]);
        let issued = format!("{:x}", now().timestamp_millis());
        let older = key.replace(&issued, &format!("{:x}", now().timestamp_millis() - 60_000));
        assert_ne!(key, older);
        let upper_case = format!("form-{}", without_prefix(&key).to_uppercase());
        for forged in [&*older, &upper_case] {
            assert_eq!(secret.age(forged, now()), Err(UnknownAge::InvalidSignature), "{forged}");
        }
        assert!(is_confirmed_token(without_prefix(&key)) && !is_confirmed_token(&key));
        for other in ["form-", "form--", "form-0-0-0", "form-abc", &key[..key.len() - 1]] {
            assert_eq!(secret.age(other, now()), Ok(None), "{other}");
            assert_eq!(without_prefix(other), other);
        }
        assert_eq!(secret.age("8e03978e-40d5-43e8-bc93-6894a57f9324", now()), Ok(None));
    }
}
