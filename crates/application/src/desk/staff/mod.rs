//! The people of the office: roles, passwords, profiles and sessions; invitations are in `invitation`.

mod invitation;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, Password, PasswordError, PasswordHash, RepositoryError, Role,
    SecretHash, Session, StaffId, StaffMember, Version,
};

pub use self::invitation::{FIRST_LINK_LIFETIME, INVITATION_LIFETIME, Invitation, invite};
use super::{DeskError, Office, RequestContext, password_hasher::PasswordHasher};

/// Why a person could not be invited or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffError {
    /// Another person has the address.
    #[error("a person with this address exists")]
    EmailTaken,
    /// There is no such person.
    #[error("there is no such person")]
    NotFound,
    /// Someone has changed the person since.
    #[error("someone has changed the person since")]
    Stale,
    /// The office would be without an administrator.
    #[error("the last administrator stays one")]
    LastAdmin,
}

/// Why a person could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The link was used, replaced, or has expired.
    #[error("the link does not work any more")]
    LinkExpired,
    /// The name is empty or too long, or the password may not be chosen: everything that is wrong.
    #[error("name or password is not allowed")]
    Invalid {
        /// Whether the name is empty or too long.
        name: bool,
        /// Why the password may not be chosen.
        password: Option<PasswordError>,
    },
    /// The office gave no answer.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// A change of a person by an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffChange {
    /// The role changes; every session ends.
    Role(Role),
    /// The account is disabled; every session ends.
    Disable,
    /// The account is enabled again.
    Enable,
    /// Every session ends.
    EndSessions,
}

/// Manages the people of the office.
pub struct ManageStaff {
    /// The office.
    pub office: Office,
    /// Hashes passwords.
    pub hasher: Arc<PasswordHasher>,
}

impl ManageStaff {
    /// Every person, by name.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn all(&self) -> Result<Vec<StaffMember>, DeskError> {
        self.office.read(|desk| desk.staff()).await
    }

    /// Replaces a person's own password, and ends the person's other sessions.
    ///
    /// # Errors
    ///
    /// The password may not be chosen.
    pub async fn change_password(
        &self,
        staff: StaffMember,
        password: &str,
        keep: Option<SecretHash>,
        context: RequestContext,
    ) -> Result<(), JoinError> {
        let chosen = Password::choose(password, &staff.email);
        let password =
            chosen.map_err(|error| JoinError::Invalid { name: false, password: Some(error) })?;
        let password = self.hasher.hash(password, context.salt()).await?;
        let write = move |desk: &mut dyn DeskTransaction| {
            set_password(desk, &staff, &password, keep, Action::PasswordChanged, context)?;
            Ok(Ok::<_, RepositoryError>(()))
        };
        self.office.write(write).await?.map_err(DeskError::from)?;
        Ok(())
    }

    /// Replaces a person's own name and settings.
    ///
    /// # Errors
    ///
    /// The name may not be chosen.
    pub async fn change_profile(
        &self,
        staff: StaffMember,
        name: &str,
        shortcuts: bool,
    ) -> Result<Result<(), StaffError>, JoinError> {
        let name = checked_name(name).ok_or(JoinError::Invalid { name: true, password: None })?;
        let changed = StaffMember { name, shortcuts, version: staff.version.next(), ..staff };
        let write = move |desk: &mut dyn DeskTransaction| {
            Ok(if desk.update_staff(&changed)? { Ok(()) } else { Err(StaffError::Stale) })
        };
        Ok(self.office.write(write).await?)
    }

    /// Changes a person.
    ///
    /// # Errors
    ///
    /// The office would be without an administrator, or someone has changed the person since.
    pub async fn change(
        &self,
        id: StaffId,
        version: Version,
        change: StaffChange,
        by: Actor,
        context: RequestContext,
    ) -> Result<Result<StaffMember, StaffError>, DeskError> {
        self.office.write(move |desk| apply(desk, id, version, change, by, context)).await
    }

    /// A person's sessions that are in force, the last used first.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn sessions(
        &self,
        staff: StaffId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, DeskError> {
        let mut sessions = self.office.read(move |desk| desk.sessions_of(staff)).await?;
        sessions.retain(|session| session.is_active(now));
        Ok(sessions)
    }

    /// Ends one of a person's sessions, or every one but `keep`.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn end_sessions(
        &self,
        staff: StaffId,
        which: SessionChoice,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        let now = context.now;
        let write = move |desk: &mut dyn DeskTransaction| {
            match which {
                SessionChoice::One(hash) => drop(desk.end_session(staff, hash, now)?),
                SessionChoice::AllBut(keep) => drop(desk.end_sessions(staff, keep, now)?),
            }
            let entry =
                context.entry(Actor::Staff(staff), Action::SessionsEnded, *staff.as_bytes());
            desk.append(&entry)?;
            Ok(Ok::<_, RepositoryError>(()))
        };
        self.office.write(write).await??;
        Ok(())
    }
}

/// Which sessions of a person.
#[derive(Clone, Copy, Debug)]
pub enum SessionChoice {
    /// This one.
    One(SecretHash),
    /// Every one but this.
    AllBut(Option<SecretHash>),
}

fn set_password(
    desk: &mut dyn DeskTransaction,
    staff: &StaffMember,
    password: &PasswordHash,
    keep: Option<SecretHash>,
    action: Action,
    context: RequestContext,
) -> Result<(), RepositoryError> {
    desk.set_password(staff.id, password)?;
    desk.end_sessions(staff.id, keep, context.now)?;
    let by = Actor::Staff(staff.id);
    desk.append(&context.entry(by, action, *staff.id.as_bytes()))
}

fn apply(
    desk: &mut dyn DeskTransaction,
    id: StaffId,
    version: Version,
    change: StaffChange,
    by: Actor,
    context: RequestContext,
) -> Result<Result<StaffMember, StaffError>, RepositoryError> {
    // Locked first: two administrators cannot disable each other.
    let admins = desk.lock_active_admins()?;
    let Some(staff) = desk.find_staff(id)? else { return Ok(Err(StaffError::NotFound)) };
    if staff.version != version {
        return Ok(Err(StaffError::Stale));
    }
    let changed = match change {
        StaffChange::Role(role) => StaffMember { role, ..staff.clone() },
        StaffChange::Disable => StaffMember { disabled_at: Some(context.now), ..staff.clone() },
        StaffChange::Enable => StaffMember { disabled_at: None, ..staff.clone() },
        StaffChange::EndSessions => staff.clone(),
    };
    let stays_admin = changed.role == Role::Admin && changed.is_active();
    if admins == [id] && !stays_admin {
        return Ok(Err(StaffError::LastAdmin));
    }
    desk.end_sessions(id, None, context.now)?;
    if change == StaffChange::EndSessions {
        desk.append(&context.entry(by, Action::SessionsEnded, *id.as_bytes()))?;
        return Ok(Ok(staff));
    }
    let changed = StaffMember { version: staff.version.next(), ..changed };
    if !desk.update_staff(&changed)? {
        return Ok(Err(StaffError::Stale));
    }
    let entry = context.entry(by, Action::StaffChanged, *id.as_bytes());
    let entry = match change {
        StaffChange::Role(role) => {
            entry.with("from", staff.role.as_str()).with("to", role.as_str())
        }
        StaffChange::Disable => entry.with("to", "disabled"),
        StaffChange::Enable | StaffChange::EndSessions => entry.with("to", "enabled"),
    };
    desk.append(&entry)?;
    Ok(Ok(changed))
}

/// A name without white space at its ends; `None` where it is empty, too long, or not one line.
fn checked_name(name: &str) -> Option<String> {
    let name = name.trim();
    let is_name = !name.is_empty()
        && name.chars().count() <= StaffMember::MAX_NAME_CHARS
        && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned())
}
