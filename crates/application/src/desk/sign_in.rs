//! Signing in and out.

use std::{net::IpAddr, sync::Arc};

use registration_domain::{
    Action, Actor, EmailAddress, Password, RepositoryError, SecretHash, Session, StaffId,
    StaffMember,
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
    /// Address or password is wrong, or the account is disabled: which, is not said.
    #[error("address or password is wrong")]
    Wrong {
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
    /// Over this office.
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
        self.attempt(attempt, context).await
    }

    async fn attempt(
        &self,
        attempt: SignInAttempt,
        context: RequestContext,
    ) -> Result<SignedIn, SignInError> {
        let RequestContext { now, .. } = context;
        let SignInAttempt { email, password, client, label } = attempt;
        let email = EmailAddress::parse(&email);
        // Text that is no address is an account of its own, for delays.
        let key = email.as_ref().map_or_else(|_| String::new(), EmailAddress::key);
        if let Some(retry_after) = self.delays.seconds_left(&key, client, now) {
            return Err(SignInError::Delayed { retry_after });
        }
        let known = {
            let key = key.clone();
            self.office.read(move |desk| desk.find_staff_by_email(&key)).await?
        };
        let (staff, stored) = known.map_or((None, None), |(staff, hash)| (Some(staff), hash));
        let verified = match Password::typed(&password) {
            Some(password) => self.hasher.verify(password, stored).await?,
            None => false,
        };
        let staff = staff.filter(|staff| verified && staff.is_active());
        let Some(staff) = staff else {
            return Err(SignInError::Wrong { retry_after: self.delays.failed(&key, client, now) });
        };
        self.delays.succeeded(&key, client);
        let secret = secret::hexadecimal(&context.secret());
        self.open_session(&secret, staff.id, &label, context).await?;
        Ok(SignedIn { secret, staff })
    }

    async fn open_session(
        &self,
        secret: &str,
        staff: StaffId,
        label: &str,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        let now = context.now;
        let session = Session {
            hash: SecretHash::of(secret),
            staff,
            created_at: now,
            seen_at: now,
            ended_at: None,
            label: label.chars().take(MAX_LABEL_CHARS).collect(),
        };
        let write = move |desk: &mut dyn registration_domain::DeskTransaction| {
            desk.delete_old_sessions(now - SESSIONS_PURGED_AFTER)?;
            desk.insert_session(&session)?;
            let entry = context.entry(Actor::Staff(staff), Action::SignedIn, *staff.as_bytes());
            desk.append(&entry)?;
            Ok(Ok::<_, RepositoryError>(()))
        };
        self.office.write(write).await??;
        Ok(())
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
        let end = move |desk: &mut dyn registration_domain::DeskTransaction| {
            desk.end_session(staff, hash, now).map(Ok::<_, RepositoryError>)
        };
        self.office.write(end).await??;
        Ok(())
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
        if let Some(retry_after) = self.delays.seconds_left(&key, client, context.now) {
            return Err(SignInError::Delayed { retry_after });
        }
        let known = {
            let key = key.clone();
            self.office.read(move |desk| desk.find_staff_by_email(&key)).await?
        };
        let stored = known.and_then(|(_, hash)| hash);
        let verified = match Password::typed(password) {
            Some(password) => self.hasher.verify(password, stored).await?,
            None => false,
        };
        if verified {
            self.delays.succeeded(&key, client);
            return Ok(());
        }
        Err(SignInError::Wrong { retry_after: self.delays.failed(&key, client, context.now) })
    }
}
