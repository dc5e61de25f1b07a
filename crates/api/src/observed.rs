//! What operators see of a registration: its shape, its outcome and the reason for it. Never what
//! somebody typed.

use metrics::counter;
use registration_domain::{FieldErrors, RawField, RawRegistration, RepositoryError};
use serde::Serialize;
use serde_json::Value;
use tracing::Span;

use crate::problem::ApiError;

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

    pub(crate) fn conclude(self, error: Option<&ApiError>) {
        record(error);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // Concluding comes to this as well, but never in a panic.
        if std::thread::panicking() {
            record(Some(&ApiError::Panicked));
        }
    }
}

/// Counts how a request to register ended, and notes it on the current span.
fn record(error: Option<&ApiError>) {
    let outcome = error.map_or("created", outcome);
    Span::current().record("registration.outcome", outcome);
    counter!("student_registration_requests_total", "method" => "POST", "outcome" => outcome)
        .increment(1);
    let Some(error) = error else { return };
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
        ApiError::AlreadyRegistered => "duplicate",
        ApiError::Repository(RepositoryError::Unavailable { .. })
        | ApiError::NotReady { .. }
        | ApiError::TimedOut(_) => "unavailable",
        other if other.public().status.is_client_error() => "invalid",
        _ => "error",
    }
}

/// Why a request failed, in one stable word.
pub(crate) fn reason(error: &ApiError) -> &'static str {
    match error {
        ApiError::Repository(RepositoryError::Unavailable { reason, .. }) => reason.as_str(),
        other => other.public().code,
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
