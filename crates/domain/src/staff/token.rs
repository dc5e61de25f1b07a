//! Tokens with which programs use the staff's API.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};

use super::{account::StaffId, rights::Scopes, session::SecretHash};
use crate::ParseStudentIdError;

/// The public id of a token: a UUID, version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(StaffId);

impl TokenId {
    /// Makes an id from a time and ten random bytes.
    #[must_use]
    pub fn new(now: DateTime<Utc>, random: [u8; 10]) -> Self {
        Self(StaffId::new(now, random))
    }

    /// The sixteen bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(StaffId::from_bytes(bytes))
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TokenId {
    type Err = ParseStudentIdError;

    fn from_str(text: &str) -> Result<Self, ParseStudentIdError> {
        text.parse().map(Self)
    }
}

/// A token. Its secret is shown once, and stored as a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The public id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its first characters, by which a person recognises it.
    pub visible: String,
    /// The hash of the whole token.
    pub hash: SecretHash,
    /// What it may do, as far as its owner may.
    pub scopes: Scopes,
    /// Whose it is.
    pub staff: StaffId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiToken {
    /// Longest life.
    pub const MAX_LIFETIME: TimeDelta = TimeDelta::days(365);
    /// Longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 80;

    /// Whether the token is in force.
    #[must_use]
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
