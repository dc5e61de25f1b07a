//! The use case: the order in which a registration is checked and stored.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use registration_domain::{
    Applicant, ApplicantForm, FieldErrors, InsertFuture, InsertOutcome, NewRegistration,
    RegistrationStore, RepositoryError, Student, StudentId,
};
use tokio::time::Instant;
use tracing::{Span, field::Empty};

use super::{
    BotSignal, FormSecret, IdempotencyLocks, KeyGuard, RegistrationContext, RegistrationRequest,
    bot_check,
};
use crate::{
    blocking::TimedOut,
    rate_limit::{QuotaState, RateLimits},
    redaction,
};

/// A student who is stored durably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationResult {
    /// The student.
    pub student: Student,
    /// Whether an earlier request stored the student and this one repeats it.
    pub replayed: bool,
}

/// Why a request did not register a student.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Fields are invalid.
    #[error("invalid fields: {0}")]
    Invalid(#[from] FieldErrors),
    /// The form looks filled in by a bot: the person has to confirm it once.
    #[error("the form has to be confirmed: {0}")]
    ConfirmationRequired(#[from] BotSignal),
    /// A student with this address exists.
    #[error("the e-mail address is already registered")]
    AlreadyRegistered,
    /// The client was answered too often that an address is registered. This says nothing about the
    /// address of the request: the store was not asked.
    #[error("too many requests about registered addresses")]
    TooManyDuplicates(QuotaState),
    /// The address was asked about too often.
    #[error("too many requests about a registered address")]
    RateLimited(QuotaState),
    /// The key belongs to a different request.
    #[error("the idempotency key belongs to a different request")]
    KeyReused,
    /// A request with the same key is still in progress.
    #[error("a request with this idempotency key is in progress")]
    RequestInProgress,
    /// The insert took too long.
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
    /// The store gave no answer.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// How an attempt ended, with what the caller reports about it.
#[derive(Debug)]
pub struct Attempt {
    /// The stored student, or why there is none.
    pub result: Result<RegistrationResult, RegisterError>,
    /// How long ago the form was issued, where the request carries a form token.
    pub form_age: Option<TimeDelta>,
    /// The quota that the attempt used up a part of.
    pub quota: Option<QuotaState>,
}

/// Registers students.
pub struct RegisterStudent {
    /// Where registrations are stored.
    pub store: Arc<dyn RegistrationStore>,
    /// The keys in progress in this instance.
    pub locks: Arc<IdempotencyLocks>,
    /// Limits how often registered addresses may be asked about.
    pub limits: Arc<RateLimits>,
    /// Signs form tokens.
    pub form_secret: FormSecret,
    /// A form submitted sooner than this has to be confirmed.
    pub minimum_fill_time: Duration,
    /// How long an attempt may take.
    pub timeout: Duration,
}

impl RegisterStudent {
    /// Validates a request and stores its student once.
    pub async fn register(
        &self,
        request: &RegistrationRequest,
        context: RegistrationContext,
    ) -> Attempt {
        let form_age = self.form_age(request, &context);
        // Report validation errors first: correcting them takes longer than the minimum fill time.
        let checked = validate_registration(&request.applicant)
            .map_err(RegisterError::from)
            .and_then(|applicant| form_age.map(|_| applicant).map_err(RegisterError::from));
        let (result, quota) = match checked {
            Ok(applicant) => self.store(applicant, context).await,
            Err(error) => (Err(error), None),
        };
        Attempt { result, form_age: form_age.ok().flatten(), quota }
    }

    fn form_age(
        &self,
        request: &RegistrationRequest,
        context: &RegistrationContext,
    ) -> Result<Option<TimeDelta>, BotSignal> {
        bot_check::form_age(
            &self.form_secret,
            self.minimum_fill_time,
            request,
            context.key_source,
            context.now,
        )
    }

    async fn store(
        &self,
        applicant: Applicant,
        context: RegistrationContext,
    ) -> (Result<RegistrationResult, RegisterError>, Option<QuotaState>) {
        let RegistrationContext { key, client, now, random, origin, .. } = context;
        let deadline = Instant::now() + self.timeout;
        let reserve = self.limits.reserve_duplicate(client);
        let reservation = match tokio::time::timeout_at(deadline, reserve).await {
            Ok(Ok(reservation)) => reservation,
            Ok(Err(quota)) => return (Err(RegisterError::TooManyDuplicates(quota)), Some(quota)),
            Err(_) => return (Err(TimedOut::InQueue.into()), None),
        };
        let email = applicant.email.key();
        let student = Student::new(StudentId::new(now, random), applicant, now);
        let result = self.store_once(NewRegistration { student, key, origin }, deadline).await;
        if !matches!(result, Err(RegisterError::AlreadyRegistered)) {
            return (result, None);
        }
        if let Some(reservation) = reservation {
            reservation.use_up();
        }
        // Only a registered address has a quota to use up: an outage or another person cannot
        // exhaust that of an address that is not registered.
        match self.limits.check_registered_email(&email) {
            Some(quota) if quota.is_exceeded => {
                (Err(RegisterError::RateLimited(quota)), Some(quota))
            }
            quota => (result, quota),
        }
    }

    /// Stores a student, or finds the one that this key has stored.
    async fn store_once(
        &self,
        registration: NewRegistration,
        deadline: Instant,
    ) -> Result<RegistrationResult, RegisterError> {
        let guard = match &registration.key {
            Some(key) => {
                let left = deadline.saturating_duration_since(Instant::now());
                Some(self.locks.lock(key, left).await.ok_or(RegisterError::RequestInProgress)?)
            }
            None => None,
        };
        let student = registration.student.clone();
        let insert = hold_during(guard, self.store.insert(registration));
        let outcome =
            tokio::time::timeout_at(deadline, insert).await.map_err(|_| TimedOut::Running)?;
        match outcome? {
            InsertOutcome::Created => Ok(RegistrationResult { student, replayed: false }),
            InsertOutcome::Replayed(student) => Ok(RegistrationResult { student, replayed: true }),
            InsertOutcome::AlreadyRegistered => Err(RegisterError::AlreadyRegistered),
            InsertOutcome::KeyReused => Err(RegisterError::KeyReused),
        }
    }
}

#[tracing::instrument(skip_all, fields(registration.error_fields = Empty))]
fn validate_registration(form: &ApplicantForm) -> Result<Applicant, FieldErrors> {
    Applicant::parse(form).inspect_err(|errors| {
        Span::current().record("registration.error_fields", redaction::error_fields(errors));
    })
}

/// Holds a key's lock for as long as its insert lasts, also after the request was dropped: the
/// insert runs on a task of its own.
async fn hold_during(
    guard: Option<KeyGuard>,
    insert: InsertFuture,
) -> Result<InsertOutcome, RepositoryError> {
    let Some(guard) = guard else { return insert.await };
    let work = async {
        let outcome = insert.await;
        drop(guard);
        outcome
    };
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|failed| Err(RepositoryError::unexpected(failed)))
}
