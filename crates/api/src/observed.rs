//! What operators see of a registration: its shape, its outcome and the reason for it. Never what
//! somebody typed.

use chrono::TimeDelta;
use metrics::{counter, histogram};
use registration_domain::{FieldError, FieldErrors, RawField, RawRegistration, RepositoryError};
use serde::Serialize;
use serde_json::Value;
use tracing::Span;

use crate::{
    problem::{ApiError, Doubt},
    registering::Registered,
};

/// Which fields came, and how long they are: `{"first_name":"[4 chars]",…}`.
pub(crate) fn shape(raw: &RawRegistration) -> String {
    #[derive(Serialize)]
    struct Shape {
        first_name: Value,
        last_name: Value,
        email: Value,
    }
    let field = |field: &RawField| match field {
        RawField::Missing => Value::Null,
        RawField::NotText => "[not text]".into(),
        RawField::Text(text) => length(text).into(),
    };
    let shape = Shape {
        first_name: field(&raw.first_name),
        last_name: field(&raw.last_name),
        email: field(&raw.email),
    };
    serde_json::to_string(&shape).unwrap_or_default()
}

/// What stands for a text that nobody else is to see: `[4 chars]`.
pub(crate) fn length(text: &str) -> String {
    format!("[{} chars]", text.chars().count())
}

/// The fields that were refused, and by which rule: `email:invalid_email,first_name:required`.
pub(crate) fn error_fields(errors: &FieldErrors) -> String {
    let pairs: Vec<_> =
        errors.iter().map(|error| format!("{}:{}", error.field, error.code.as_str())).collect();
    pairs.join(",")
}

/// A request to register, until it is concluded. One that panics instead is counted as an error; one
/// whose client has gone away is not counted.
pub(crate) struct Attempt(());

impl Attempt {
    pub(crate) fn begin() -> Self {
        Self(())
    }

    pub(crate) fn conclude(self, outcome: Result<&Registered, &ApiError>) {
        record(outcome);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // Concluding comes to this as well, but never in a panic.
        if std::thread::panicking() {
            record(Err(&ApiError::Panicked));
        }
    }
}

/// Counts how a request to register ended, and notes it on the current span.
fn record(result: Result<&Registered, &ApiError>) {
    let outcome = match result {
        Ok(Registered { replayed: false, .. }) => "created",
        Ok(Registered { replayed: true, .. }) => "replayed",
        Err(error) => outcome(error),
    };
    Span::current().record("registration.outcome", outcome);
    counter!("student_registration_requests_total", "method" => "POST", "outcome" => outcome)
        .increment(1);
    let Err(error) = result else { return };
    let reason = reason(error);
    counter!("student_registration_errors_total", "method" => "POST", "reason" => reason)
        .increment(1);
    for error in error.field_errors().iter().flat_map(FieldErrors::iter) {
        let labels = [("field", error.field.as_str()), ("code", error.code.as_str())];
        counter!("registration_validation_failures_total", &labels).increment(1);
    }
}

fn outcome(error: &ApiError) -> &'static str {
    match error {
        ApiError::AlreadyRegistered | ApiError::InProgress => "duplicate",
        ApiError::Repository(RepositoryError::Unavailable { .. })
        | ApiError::NotReady { .. }
        | ApiError::TimedOut(_) => "unavailable",
        other if other.status().is_client_error() => "invalid",
        _ => "error",
    }
}

/// Why a request failed, in one stable word.
pub(crate) fn reason(error: &ApiError) -> &'static str {
    match error {
        ApiError::Repository(RepositoryError::Unavailable { reason, .. }) => reason.as_str(),
        ApiError::PleaseConfirm(Doubt::TooFast) => "too_fast",
        ApiError::PleaseConfirm(Doubt::TrapFilled) => "trap_filled",
        ApiError::PleaseConfirm(Doubt::ForgedKey) => "forged_key",
        other => other.code(),
    }
}

/// Counts that the form was given out.
pub(crate) fn form_viewed() {
    form_event("view");
}

/// Counts that somebody has begun to fill it in.
pub(crate) fn form_started() {
    form_event("start");
}

/// Counts a field that the page itself found wrong, before anything was sent.
pub(crate) fn form_refused(error: FieldError) {
    let labels = [("field", error.field.as_str()), ("code", error.code.as_str())];
    counter!("registration_form_refusals_total", &labels).increment(1);
}

fn form_event(event: &'static str) {
    counter!("registration_form_events_total", "event" => event).increment(1);
}

/// Counts what became of a form that had been given out so long ago. What is sent again by itself, or
/// told again, is counted once.
pub(crate) fn form_answered(age: TimeDelta, result: Result<&Registered, &ApiError>) {
    match result {
        Ok(Registered { replayed: true, .. }) => {}
        Ok(Registered { replayed: false, .. }) => {
            form_event("submit");
            form_event("complete");
            histogram!("registration_form_completion_seconds")
                .record(age.to_std().unwrap_or_default());
        }
        Err(error) if error.retry_after().is_some() => {}
        Err(_) => form_event("submit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_how_long_and_not_what() {
        let raw = RawRegistration {
            first_name: RawField::Text("Zoë".to_owned()),
            last_name: RawField::NotText,
            email: RawField::Missing,
        };
        assert_eq!(
            shape(&raw),
            r#"{"first_name":"[3 chars]","last_name":"[not text]","email":null}"#
        );
    }
}
