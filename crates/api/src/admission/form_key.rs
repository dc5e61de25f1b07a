//! The key that each form is given out with. It makes pressing twice harmless, as any idempotency
//! key does, and tells, signed, when the form was given out.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{
    Hmac, Mac as _,
    digest::{Key, KeyInit as _},
};
use sha2::{Digest as _, Sha256};

/// How a form's key begins, unlike those that programs make up.
const PREFIX: &str = "form-";

/// Whether this is the key of a form that nobody has been asked to look at once more.
pub(crate) fn is_unconfirmed(key: &str) -> bool {
    confirmed(key) != key
}

/// The same key, of a form that has been looked at once more: it is doubted no longer. This is also how
/// a key is stored, so that both stand for one attempt.
pub(crate) fn confirmed(key: &str) -> &str {
    match key.strip_prefix(PREFIX) {
        Some(rest) if has_shape(rest) => rest,
        _ => key,
    }
}

/// Time, randomness and signature. What programs make up may begin as a form's key does.
fn has_shape(rest: &str) -> bool {
    let parts: Vec<_> = rest.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(parts.as_slice(), [time, random, signature]
        if !time.is_empty() && random.len() == 20 && signature.len() == 32)
        && parts.iter().all(digits)
}

/// What forms are signed with. The same in every instance that may be sent another's form.
#[derive(Clone)]
pub(crate) struct FormSecret(Hmac<Sha256>);

/// The key claims to be a form's, and is not: made up, or of another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forged;

impl FormSecret {
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..32].copy_from_slice(&Sha256::digest(secret));
        Self(Hmac::new(&key))
    }

    /// The key of a form that is given out now.
    pub(crate) fn issue(&self, now: DateTime<Utc>, random: [u8; 10]) -> String {
        let mut key = format!("{PREFIX}{:x}-", now.timestamp_millis());
        for byte in random {
            let _ = write!(key, "{byte:02x}");
        }
        let signature = self.signature(&key);
        let _ = write!(key, "-{signature:032x}");
        key
    }

    /// How long ago the form with this key was given out; `None` for a key that is no form's.
    pub(crate) fn age(&self, key: &str, now: DateTime<Utc>) -> Result<Option<TimeDelta>, Forged> {
        let rest = confirmed(key);
        if rest == key {
            return Ok(None);
        }
        let (signed, signature) = key.rsplit_once('-').ok_or(Forged)?;
        let number = u128::from_str_radix(signature, 16).map_err(|_| Forged)?;
        if format!("{number:032x}") != signature {
            return Err(Forged); // another spelling of the same number
        }
        let mac = self.0.clone().chain_update(signed);
        mac.verify_truncated_left(&number.to_be_bytes()).map_err(|_| Forged)?;
        let issued = rest.split('-').next().and_then(|at| i64::from_str_radix(at, 16).ok());
        let issued = issued.and_then(DateTime::from_timestamp_millis).ok_or(Forged)?;
        // Another instance's clock may be ahead.
        Ok(Some((now - issued).max(TimeDelta::zero())))
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
    fn a_form_tells_its_age_to_whoever_gave_it_out() {
        let secret = FormSecret::new(b"secret");
        let key = secret.issue(now(), [7; 10]);
        let later = now() + TimeDelta::seconds(5);
        assert_eq!(secret.age(&key, later), Ok(Some(TimeDelta::seconds(5))));
        assert_eq!(secret.age(&key, now() - TimeDelta::seconds(5)), Ok(Some(TimeDelta::zero())));
        assert_eq!(FormSecret::new(b"another").age(&key, later), Err(Forged));
        assert_ne!(key, secret.issue(now(), [8; 10]));
    }

    #[test]
    fn nobody_makes_a_form_older() {
        let secret = FormSecret::new(b"secret");
        let key = secret.issue(now(), [7; 10]);
        let issued = format!("{:x}", now().timestamp_millis());
        let older = key.replace(&issued, &format!("{:x}", now().timestamp_millis() - 60_000));
        assert_ne!(key, older);
        let shouted = format!("form-{}", confirmed(&key).to_uppercase());
        for forged in [&*older, &shouted] {
            assert_eq!(secret.age(forged, now()), Err(Forged), "{forged}");
        }
        for other in ["form-", "form--", "form-0-0-0", "form-abc", &key[..key.len() - 1]] {
            assert_eq!(secret.age(other, now()), Ok(None), "{other}");
            assert_eq!(confirmed(other), other);
        }
        assert_eq!(secret.age("8e03978e-40d5-43e8-bc93-6894a57f9324", now()), Ok(None));
    }
}
