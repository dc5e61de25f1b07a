//! A person of the office.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::rights::Role;
use crate::{EmailAddress, ParseStudentIdError, StudentId, Version};

/// The public id of a person of the office: a UUID, version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StaffId([u8; 16]);

impl StaffId {
    /// Makes an id from a time and ten random bytes.
    #[must_use]
    pub fn new(now: DateTime<Utc>, random: [u8; 10]) -> Self {
        Self(*StudentId::new(now, random).as_bytes())
    }

    /// The sixteen bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        StudentId::from_bytes(self.0).fmt(f)
    }
}

impl FromStr for StaffId {
    type Err = ParseStudentIdError;

    fn from_str(text: &str) -> Result<Self, ParseStudentIdError> {
        text.parse::<StudentId>().map(|id| Self(*id.as_bytes()))
    }
}

/// A person of the office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The public id.
    pub id: StaffId,
    /// The address with which the person signs in.
    pub email: EmailAddress,
    /// The name that colleagues see; empty until the person has joined.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether a password is set: the person has used the link of the invitation.
    pub has_password: bool,
    /// Whether keys of the list are on.
    pub shortcuts: bool,
    /// When the person was invited.
    pub created_at: DateTime<Utc>,
    /// When the account was disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// One more with each change.
    pub version: Version,
}

impl StaffMember {
    /// Longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 100;

    /// What colleagues call the person: the name, or the address until there is one.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() { self.email.as_str() } else { &self.name }
    }

    /// Whether the person can act as an administrator.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.role == Role::Admin && self.is_active() && self.has_password
    }

    /// Whether the account is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
}
