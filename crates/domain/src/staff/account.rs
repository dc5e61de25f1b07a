//! A person of the office.

use chrono::{DateTime, Utc};

use super::rights::Role;
use crate::{EmailAddress, Version, student::public_id};

public_id! {
    /// The public id of a person of the office.
    StaffId
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
