//! Being signed in, and the link with which a person sets a password first.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::account::StaffId;

/// SHA-256 of a secret with 256 random bits: what is stored of sessions, links and tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of this secret. Random secrets need no slow hash.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The thirty-two bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// A browser in which a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of the cookie's value.
    pub hash: SecretHash,
    /// Who is signed in.
    pub staff: StaffId,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When the session was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// When the person ended it, or an administrator did.
    pub ended_at: Option<DateTime<Utc>>,
    /// Browser and system, for the person's own list; at most 80 characters.
    pub label: String,
}

impl Session {
    /// How long a session lives without use.
    pub const IDLE: TimeDelta = TimeDelta::hours(8);
    /// How long a session lives at most.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);
    /// How long a sign-in counts as fresh.
    pub const FRESH: TimeDelta = TimeDelta::minutes(15);
    /// How often use is recorded.
    pub const SEEN_INTERVAL: TimeDelta = TimeDelta::minutes(1);

    /// Whether the session is in force.
    #[must_use]
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none()
            && now < self.created_at + Self::LIFETIME
            && now < self.seen_at + Self::IDLE
    }

    /// Whether the person signed in just now.
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now < self.created_at + Self::FRESH
    }
}

/// A link with which a person sets a password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffLink {
    /// The hash of its secret.
    pub hash: SecretHash,
    /// Whose it is.
    pub staff: StaffId,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_itself() {
        let at: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let hash = SecretHash::of("secret");
        let staff = StaffId::new(at, [1; 10]);
        let session = Session {
            hash,
            staff,
            created_at: at,
            seen_at: at,
            ended_at: None,
            label: String::new(),
        };
        let second = TimeDelta::seconds(1);
        assert!(session.is_active(at + Session::IDLE - second));
        assert!(!session.is_active(at + Session::IDLE));
        let used = Session { seen_at: at + TimeDelta::hours(23), ..session.clone() };
        assert!(used.is_active(at + Session::LIFETIME - second));
        assert!(!used.is_active(at + Session::LIFETIME));
        assert!(session.is_fresh(at + Session::FRESH - second));
        assert!(!session.is_fresh(at + Session::FRESH));
        let ended = Session { ended_at: Some(at), ..session };
        assert!(!ended.is_active(at));
        assert_eq!(format!("{hash:?}"), "SecretHash");
    }
}
