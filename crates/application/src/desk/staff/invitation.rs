//! Invitations: links with which people set a password and join.

use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, EmailAddress, Password, RepositoryError, Role, SecretHash,
    StaffId, StaffLink, StaffMember, Version,
};

use super::{JoinError, ManageStaff, StaffError, checked_name, set_password};
use crate::desk::{DeskError, RequestContext, secret};

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

impl ManageStaff {
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

    /// The person invited by this link; `None` for an invalid or expired link.
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

    /// Accepts an invitation: sets name and password, deletes the link, and ends older sessions.
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
        let chosen = (checked_name(name), Password::choose(password, &staff.email));
        let (name, password) = match chosen {
            (Some(name), Ok(password)) => (name, password),
            (name, password) => {
                let (name, password) = (name.is_none(), password.err());
                return Err(JoinError::Invalid { name, password });
            }
        };
        let password = self.hasher.hash(password, context.salt()).await?;
        let write = move |desk: &mut dyn DeskTransaction| {
            let Some(staff) = invited(desk, hash, now)? else { return Ok(Err(())) };
            // Of two concurrent requests, only one deletes the link.
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
