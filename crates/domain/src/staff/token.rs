//! Tokens with which programs use the staff's API.

use chrono::{DateTime, TimeDelta, Utc};

use super::{account::StaffId, rights::Scopes, session::SecretHash};
use crate::student::public_id;

public_id! {
    /// The public id of a token.
    TokenId
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
