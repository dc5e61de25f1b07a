//! Signing in and out.

use std::{net::IpAddr, sync::Arc, time::Instant};

use registration_domain::{
    Action, Actor, DeskTransaction, EmailAddress, Password, PasswordHash, RepositoryError,
    SecretHash, Session, StaffId, StaffMember,
};

use super::{
    DeskError, Office, RequestContext, password_hasher::PasswordHasher, secret,
    sign_in_delays::SignInDelays,
};

/// Longest label of a session, in characters.
const MAX_LABEL_CHARS: usize = 80;
/// How long the record of a session is kept, so that a form posted after its end is known.
const SESSIONS_PURGED_AFTER: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// What a person typed, and from where.
#[derive(Clone)]
pub struct SignInAttempt {
    /// The address, as typed.
    pub email: String,
    /// The password, as typed.
    pub password: String,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// Browser and system, for the person's list of sessions.
    pub label: String,
}

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// The value of the cookie.
    pub secret: String,
    /// Who signed in.
    pub staff: StaffMember,
}

/// Why a person could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address or password is wrong; the answer does not disclose which.
    #[error("address or password is wrong")]
    Wrong {
        /// Seconds until the next attempt.
        retry_after: u64,
    },
    /// The password is right, and the account disabled: to the person, the same as wrong.
    #[error("the account is disabled")]
    Disabled {
        /// Seconds until the next attempt.
        retry_after: u64,
    },
    /// The last attempt was too short a time ago.
    #[error("the last attempt was too short a time ago")]
    Delayed {
        /// Seconds until the next attempt.
        retry_after: u64,
    },
    /// The office gave no answer.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Signs people in and out.
pub struct SignIn {
    office: Office,
    hasher: Arc<PasswordHasher>,
    delays: SignInDelays,
}

impl SignIn {
    /// Signs people in to this office.
    #[must_use]
    pub fn new(office: Office, hasher: Arc<PasswordHasher>) -> Self {
        Self { office, hasher, delays: SignInDelays::default() }
    }

    /// Signs a person in, in a new session.
    ///
    /// # Errors
    ///
    /// Address or password is wrong, or it was tried too soon.
    #[tracing::instrument(name = "sign_in", skip_all)]
    pub async fn sign_in(
        &self,
        attempt: SignInAttempt,
        context: RequestContext,
    ) -> Result<SignedIn, SignInError> {
        let SignInAttempt { email, password, client, label } = attempt;
        // Delays apply to invalid addresses, too: the text itself is the account's key.
        let key = EmailAddress::parse(&email).map_or_else(|_| String::new(), |email| email.key());
        let (staff, stored) = self.verify(&key, &password, client, context).await?;
        if !staff.is_active() {
            let retry_after = self.delays.seconds_left(&key, client, context.now).unwrap_or(1);
            return Err(SignInError::Disabled { retry_after });
        }
        let secret = secret::hexadecimal(&context.secret());
        let label = label.chars().take(MAX_LABEL_CHARS).collect();
        if !self.open_session(&secret, staff.id, stored, label, context).await? {
            return Err(SignInError::Wrong { retry_after: 1 });
        }
        self.delays.succeeded(&key, client, context.now);
        Ok(SignedIn { secret, staff })
    }

    /// Whether this is the person's password.
    ///
    /// # Errors
    ///
    /// It is not, or it was tried too soon, or the office gave no answer.
    pub async fn confirm_password(
        &self,
        staff: &StaffMember,
        password: &str,
        client: Option<IpAddr>,
        context: RequestContext,
    ) -> Result<(), SignInError> {
        let key = staff.email.key();
        self.verify(&key, password, client, context).await?;
        self.delays.succeeded(&key, client, context.now);
        Ok(())
    }

    /// The person with this address and password, and the stored password. The attempt counts as a
    /// failure until it has succeeded: of several at once, one is looked at.
    async fn verify(
        &self,
        key: &str,
        password: &str,
        client: Option<IpAddr>,
        context: RequestContext,
    ) -> Result<(StaffMember, PasswordHash), SignInError> {
        let begun = Instant::now();
        if let Err(retry_after) = self.delays.begin(key, client, context.now) {
            return Err(SignInError::Delayed { retry_after });
        }
        let email = key.to_owned();
        let known = self.office.read(move |desk| desk.find_staff_by_email(&email)).await?;
        let (staff, stored) = known.map_or((None, None), |(staff, hash)| (Some(staff), hash));
        let verified = match Password::typed(password) {
            Some(password) => self.hasher.verify(password, stored.clone()).await?,
            None => false,
        };
        match (staff, stored) {
            (Some(staff), Some(stored)) if verified => Ok((staff, stored)),
            _ => {
                let retry_after = self.delays.failed(key, client, context.now + begun.elapsed());
                Err(SignInError::Wrong { retry_after })
            }
        }
    }

    /// Opens a session, provided that the stored password is still the one that was verified: a
    /// concurrent request may have changed it or disabled the person.
    async fn open_session(
        &self,
        secret: &str,
        staff: StaffId,
        verified: PasswordHash,
        label: String,
        context: RequestContext,
    ) -> Result<bool, DeskError> {
        let now = context.now;
        let hash = SecretHash::of(secret);
        let session = Session { hash, staff, created_at: now, seen_at: now, ended_at: None, label };
        let write = move |desk: &mut dyn DeskTransaction| {
            let current = desk.lock_staff(staff)?;
            let is_same = |(staff, stored): &(StaffMember, Option<PasswordHash>)| {
                staff.is_active() && stored.as_ref() == Some(&verified)
            };
            if !current.as_ref().is_some_and(is_same) {
                return Ok(Err(()));
            }
            desk.delete_old_sessions(now - SESSIONS_PURGED_AFTER)?;
            desk.insert_session(&session)?;
            let entry = context.entry(Actor::Staff(staff), Action::SignedIn, *staff.as_bytes());
            desk.append(&entry)?;
            Ok(Ok(()))
        };
        Ok(self.office.write(write).await?.is_ok())
    }

    /// Ends the session with this cookie.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn sign_out(
        &self,
        staff: StaffId,
        hash: SecretHash,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        let now = context.now;
        let end = move |desk: &mut dyn DeskTransaction| {
            desk.end_session(staff, hash, now)?;
            let by = Actor::Staff(staff);
            desk.append(&context.entry(by, Action::SessionsEnded, *staff.as_bytes()))?;
            Ok(Ok::<_, RepositoryError>(()))
        };
        self.office.write(end).await??;
        Ok(())
    }
}
