//! From what was sent to a student who is stored: the order in which a registration is looked at.

use std::{sync::Arc, time::Instant};

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use registration_domain::{
    IdempotencyKey, InsertOutcome, Insertion, RawField, RawRegistration, Registration,
    RepositoryError, Student, StudentId, Submission,
};
use tracing::{Span, field::Empty};

use crate::{
    admission::{form_check, form_key},
    app::App,
    blocking::TimedOut,
    body::Sent,
    clock,
    in_progress::Turn,
    observed,
    problem::{ApiError, Malformed},
};

/// A student who is stored for good.
pub(crate) struct Registered {
    pub(crate) student: Student,
    /// Stored before, and now told again.
    pub(crate) replayed: bool,
}

/// Checks a registration and stores it, once.
pub(crate) async fn register(
    app: &App,
    request: &HttpRequest,
    sent: &Sent,
) -> Result<Registered, ApiError> {
    Span::current().record("request.body", observed::shape(&sent.registration));
    let key = key(request, sent)?;
    let has_own_key = request.headers().contains_key("idempotency-key");
    let now = clock::now();
    let form_age = form_check::age(app, sent, has_own_key, now);
    // A mistake is told before a doubt: who mends it has been long enough at the form.
    let registered = match (validate_registration(&sent.registration), form_age) {
        (Err(mistakes), _) => Err(mistakes),
        (Ok(_), Err(doubt)) => Err(doubt.into()),
        (Ok(registration), Ok(_)) => store(app, request, registration, key, now).await,
    };
    if let Ok(Some(age)) = form_age {
        observed::form_answered(age, registered.as_ref());
    }
    registered
}

async fn store(
    app: &App,
    request: &HttpRequest,
    registration: Registration,
    key: Option<IdempotencyKey>,
    now: DateTime<Utc>,
) -> Result<Registered, ApiError> {
    let email = registration.email.key();
    let random = clock::random().map_err(ApiError::unexpected)?;
    let student = Student::new(StudentId::new(now, random), registration, now);
    let registered = store_once(app, Submission { student, key }).await;
    if let Err(ApiError::AlreadyRegistered) = &registered {
        // Only an address that is registered can be asked about too often: nobody else can use up
        // the quota of one that is not, and an outage uses up none.
        app.limits.admit_email(request, &email)?;
    }
    registered
}

/// What the client calls this attempt: in the header, or in the form's hidden field.
fn key(request: &HttpRequest, sent: &Sent) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut headers = request.headers().get_all("idempotency-key");
    let text = match (headers.next(), headers.next()) {
        (None, _) => match &sent.idempotency_key {
            RawField::Text(text) if !text.is_empty() => text.as_str(),
            RawField::NotText => return Err(Malformed::Key.into()),
            RawField::Text(_) | RawField::Missing => return Ok(None),
        },
        (Some(header), None) => header.to_str().map_err(|_| Malformed::Key)?,
        (Some(_), Some(_)) => return Err(Malformed::Key.into()),
    };
    // A string of RFC 9651, as the draft has it, or without its quotation marks, as many write it.
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let bare = quoted.unwrap_or(text);
    if bare.contains(['"', '\\']) {
        return Err(Malformed::Key.into());
    }
    let key = IdempotencyKey::parse(form_key::confirmed(bare)).map_err(|_| Malformed::Key)?;
    Ok(Some(key))
}

#[tracing::instrument(skip_all, fields(registration.error_fields = Empty))]
fn validate_registration(raw: &RawRegistration) -> Result<Registration, ApiError> {
    Registration::parse(raw).map_err(|errors| {
        Span::current().record("registration.error_fields", observed::error_fields(&errors));
        errors.into()
    })
}

/// Stores a student, or finds the one whom this key has stored.
async fn store_once(app: &App, submission: Submission) -> Result<Registered, ApiError> {
    let (begun, limit) = (Instant::now(), app.config.request_timeout);
    let turn = match &submission.key {
        Some(key) => Some(app.in_progress.turn(key, limit).await.ok_or(ApiError::InProgress)?),
        None => None,
    };
    let student = submission.student.clone();
    let left = limit.saturating_sub(begun.elapsed());
    let insertion = hold(turn, app.students.insert(submission));
    let outcome = tokio::time::timeout(left, insertion).await.map_err(|_| TimedOut::AtWork)?;
    match outcome? {
        InsertOutcome::Created => Ok(Registered { student, replayed: false }),
        InsertOutcome::Replayed(student) => Ok(Registered { student, replayed: true }),
        InsertOutcome::AlreadyRegistered => Err(ApiError::AlreadyRegistered),
        InsertOutcome::KeyReused => Err(ApiError::KeyReused),
    }
}

/// Keeps a key's turn for as long as its work lasts, even when nobody waits for it any more.
async fn hold(turn: Option<Turn>, insertion: Insertion) -> Result<InsertOutcome, RepositoryError> {
    let Some(turn) = turn else { return insertion.await };
    let work = async {
        let outcome = insertion.await;
        drop(turn);
        outcome
    };
    let done = actix_web::rt::spawn(work).await;
    done.unwrap_or_else(|failed| Err(RepositoryError::Unexpected(Arc::new(failed))))
}
