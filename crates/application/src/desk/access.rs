//! Authenticates callers, and decides what they may do.

use chrono::{DateTime, Utc};
use registration_domain::{
    Actor, ApiToken, DeskTransaction, Permission, RepositoryError, SecretHash, Session, StaffMember,
};

use super::{DeskError, Office, secret};

/// An authenticated caller: a person with a session, or a program with a person's token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person, or the owner of the token.
    pub staff: StaffMember,
    /// The credential of the request.
    pub key: Key,
}

/// The credential with which a caller authenticated.
#[derive(Clone, Debug)]
pub enum Key {
    /// A browser's session.
    Session(Session),
    /// A token.
    Token(ApiToken),
}

impl Caller {
    /// Whether the caller may do it: by role, and with a token by its scopes as well.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let in_scope = match &self.key {
            Key::Session(_) => true,
            Key::Token(token) => {
                let also = permission.also_needs();
                token.scopes.allow(permission) && also.is_none_or(|also| token.scopes.allow(also))
            }
        };
        in_scope && self.staff.role.may(permission)
    }

    /// Whether a change of lasting effect is allowed without signing in again: with a token, or soon
    /// after signing in.
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        match &self.key {
            Key::Session(session) => session.is_fresh(now),
            Key::Token(_) => true,
        }
    }

    /// As the journal names the caller.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.key {
            Key::Session(_) => Actor::Staff(self.staff.id),
            Key::Token(token) => Actor::Token(token.id),
        }
    }

    /// The session's hash, where there is a session.
    #[must_use]
    pub fn session(&self) -> Option<SecretHash> {
        match &self.key {
            Key::Session(session) => Some(session.hash),
            Key::Token(_) => None,
        }
    }
}

/// The result of looking up a session cookie or a token.
#[derive(Clone, Debug)]
pub enum Access {
    /// The credential is valid: it authenticates this caller.
    Granted(Box<Caller>),
    /// The credential was this person's, and has expired or was revoked.
    Ended(Box<StaffMember>),
    /// The credential is unknown.
    Unknown,
}

/// Authenticates callers.
pub struct Door(pub Office);

impl Door {
    /// The names of the active administrators, who can grant a permission.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn admins(&self) -> Result<Vec<String>, DeskError> {
        let staff = self.0.read(|desk| desk.staff()).await?;
        let admins = staff.iter().filter(|person| person.is_active_admin());
        Ok(admins.map(|person| person.display_name().to_owned()).collect())
    }

    /// Authenticates a session by the value of its cookie.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn by_session(&self, value: &str, now: DateTime<Utc>) -> Result<Access, DeskError> {
        let hash = SecretHash::of(value);
        let found = self.0.read(move |desk| desk.find_session(hash)).await?;
        let Some((session, staff)) = found else { return Ok(Access::Unknown) };
        if !session.is_active(now) || !staff.is_active() {
            return Ok(Access::Ended(Box::new(staff)));
        }
        if now - session.seen_at >= Session::SEEN_INTERVAL {
            let touch = move |desk: &mut dyn DeskTransaction| {
                desk.touch_session(hash, now).map(Ok::<_, RepositoryError>)
            };
            // The time of last use is informational: a read-only database must not fail the request.
            let _ = self.0.write(touch).await;
        }
        Ok(Access::Granted(Box::new(Caller { staff, key: Key::Session(session) })))
    }

    /// Authenticates a token.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn by_token(&self, text: &str, now: DateTime<Utc>) -> Result<Access, DeskError> {
        let Some(hash) = secret::token_hash(text) else { return Ok(Access::Unknown) };
        let found = self.0.read(move |desk| desk.find_token(hash)).await?;
        let Some((token, staff)) = found else { return Ok(Access::Unknown) };
        if !token.is_active(now) || !staff.is_active() {
            return Ok(Access::Ended(Box::new(staff)));
        }
        if token.used_at.is_none_or(|used| now - used >= Session::SEEN_INTERVAL) {
            let id = token.id;
            let touch = move |desk: &mut dyn DeskTransaction| {
                desk.touch_token(id, now).map(Ok::<_, RepositoryError>)
            };
            // The time of last use is informational: a read-only database must not fail the request.
            let _ = self.0.write(touch).await;
        }
        Ok(Access::Granted(Box::new(Caller { staff, key: Key::Token(token) })))
    }
}
