//! The people of the office: invitations, roles, passwords and sessions.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, EmailAddress, Password, PasswordError, PasswordHash,
    RepositoryError, Role, SecretHash, Session, StaffId, StaffLink, StaffMember, Version,
};

use super::{DeskError, Office, RequestContext, password_hasher::PasswordHasher, secret};

/// How long the first administrator's link works.
pub const FIRST_LINK_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How long an invitation's link works.
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(3);

/// A link with which a person sets a password, to be shown once.
#[derive(Debug)]
pub struct Invitation {
    /// The person.
    pub staff: StaffMember,
    /// The secret in the link.
    pub secret: String,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

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
    /// The name is empty or too long.
    #[error("the name is empty or too long")]
    Name,
    /// The password may not be chosen.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The office gave no answer.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// A change of a person by an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffChange {
    /// Another role; every session of the person ends.
    Role(Role),
    /// May not come in any more; every session ends.
    Disable,
    /// May come in again.
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
    /// Everyone, by name.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn all(&self) -> Result<Vec<StaffMember>, DeskError> {
        self.office.read(|desk| desk.staff()).await
    }

    /// Invites a person, by an actor. Where the person was invited before and has set no password, the
    /// new link replaces the old one.
    ///
    /// # Errors
    ///
    /// A person with this address has joined already, or the store gave no answer.
    pub async fn invite(
        &self,
        email: EmailAddress,
        role: Role,
        lifetime: TimeDelta,
        by: Actor,
        context: RequestContext,
    ) -> Result<Result<Invitation, StaffError>, DeskError> {
        self.office.write(move |desk| invite(desk, &email, role, lifetime, by, context)).await
    }

    /// A new link for a person, with which the password is set anew.
    ///
    /// # Errors
    ///
    /// There is no such person, or the store gave no answer.
    pub async fn new_link(
        &self,
        id: StaffId,
        by: Actor,
        context: RequestContext,
    ) -> Result<Result<Invitation, StaffError>, DeskError> {
        let write = move |desk: &mut dyn DeskTransaction| {
            let Some(staff) = desk.find_staff(id)? else { return Ok(Err(StaffError::NotFound)) };
            desk.append(&context.entry(by, Action::LinkCreated, *id.as_bytes()))?;
            link(desk, staff, INVITATION_LIFETIME, context).map(Ok)
        };
        self.office.write(write).await
    }

    /// The person whom this link lets in; `None` where it does not work.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn invited(
        &self,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<StaffMember>, DeskError> {
        let hash = SecretHash::of(secret);
        self.office.read(move |desk| invited(desk, hash, now)).await
    }

    /// Sets name and password of the person whom the link lets in, once, and ends older sessions.
    ///
    /// # Errors
    ///
    /// The link does not work, or name or password may not be chosen.
    pub async fn join(
        &self,
        secret: &str,
        name: &str,
        password: &str,
        context: RequestContext,
    ) -> Result<StaffMember, JoinError> {
        let hash = SecretHash::of(secret);
        let now = context.now;
        let staff = self.invited(secret, now).await?.ok_or(JoinError::LinkExpired)?;
        let name = checked_name(name).ok_or(JoinError::Name)?;
        let password = Password::choose(password, &staff.email)?;
        let password = self.hasher.hash(password, context.salt()).await?;
        let write = move |desk: &mut dyn DeskTransaction| {
            let Some(staff) = invited(desk, hash, now)? else { return Ok(Err(())) };
            // Of two at once, one deletes the link.
            if !desk.delete_link(hash)? {
                return Ok(Err(()));
            }
            let version = staff.version.next();
            let joined = StaffMember { name: name.clone(), version, has_password: true, ..staff };
            if !desk.update_staff(&joined)? {
                return Ok(Err(()));
            }
            set_password(desk, &joined, &password, None, Action::StaffJoined, context)?;
            Ok(Ok(joined))
        };
        self.office.write(write).await?.map_err(|()| JoinError::LinkExpired)
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
        let password = Password::choose(password, &staff.email)?;
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
        let name = checked_name(name).ok_or(JoinError::Name)?;
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

/// Invites within a transaction.
///
/// # Errors
///
/// The store gave no answer.
pub fn invite(
    desk: &mut dyn DeskTransaction,
    email: &EmailAddress,
    role: Role,
    lifetime: TimeDelta,
    by: Actor,
    context: RequestContext,
) -> Result<Result<Invitation, StaffError>, RepositoryError> {
    let staff = match desk.find_staff_by_email(&email.key())? {
        Some((staff, None)) if staff.role == role => staff,
        Some(_) => return Ok(Err(StaffError::EmailTaken)),
        None => StaffMember {
            id: StaffId::new(context.now, context.id_bytes()),
            email: email.clone(),
            name: String::new(),
            role,
            has_password: false,
            shortcuts: true,
            created_at: chrono::SubsecRound::trunc_subsecs(context.now, 6),
            disabled_at: None,
            version: Version::FIRST,
        },
    };
    if desk.find_staff(staff.id)?.is_none() && !desk.insert_staff(&staff)? {
        return Ok(Err(StaffError::EmailTaken));
    }
    let entry = context.entry(by, Action::StaffInvited, *staff.id.as_bytes());
    desk.append(&entry.with("role", role.as_str()))?;
    link(desk, staff, lifetime, context).map(Ok)
}

fn link(
    desk: &mut dyn DeskTransaction,
    staff: StaffMember,
    lifetime: TimeDelta,
    context: RequestContext,
) -> Result<Invitation, RepositoryError> {
    let secret = secret::hexadecimal(&context.secret());
    let expires_at = context.now + lifetime;
    desk.insert_link(&StaffLink { hash: SecretHash::of(&secret), staff: staff.id, expires_at })?;
    Ok(Invitation { staff, secret, expires_at })
}

fn invited(
    desk: &mut dyn DeskTransaction,
    hash: SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<StaffMember>, RepositoryError> {
    let Some(link) = desk.find_link(hash)?.filter(|link| now < link.expires_at) else {
        return Ok(None);
    };
    Ok(desk.find_staff(link.staff)?.filter(StaffMember::is_active))
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
