//! Metrics of registrations and of the form.

use chrono::TimeDelta;
use metrics::{Counter, counter, histogram};
use registration_domain::{FieldError, FieldErrors};
use tracing::Span;

use crate::web::problem::Problem;

/// How a request to register ended: the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A student was stored.
    Created,
    /// An earlier request had stored the student, and this one repeated it.
    Replayed,
    /// A student with this address, or a request with this key, exists.
    Duplicate,
    /// The client has to change something.
    Invalid,
    /// The service cannot serve now.
    Unavailable,
    /// The service failed.
    Error,
}

impl Outcome {
    /// Every outcome, for the metric's labels.
    pub(crate) const ALL: [Self; 6] = [
        Self::Created,
        Self::Replayed,
        Self::Duplicate,
        Self::Invalid,
        Self::Unavailable,
        Self::Error,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Replayed => "replayed",
            Self::Duplicate => "duplicate",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
        }
    }
}

/// Counts how a request to register ended, and records it on the current span.
pub(super) fn record(outcome: Outcome, problem: Option<&Problem>) {
    // Looked up once by each worker: that costs more than to count.
    thread_local!(static REQUESTS: [Counter; 6] = Outcome::ALL.map(requests));
    Span::current().record("registration.outcome", outcome.as_str());
    REQUESTS.with(|requests| requests[outcome as usize].increment(1));
    let Some(problem) = problem else { return };
    counter!("student_registration_errors_total", "method" => "POST", "reason" => problem.reason)
        .increment(1);
    for error in problem.field_errors.iter().flat_map(FieldErrors::iter) {
        counter!("registration_validation_failures_total", &labels(error)).increment(1);
    }
}

fn requests(outcome: Outcome) -> Counter {
    counter!("student_registration_requests_total", "method" => "POST", "outcome" => outcome.as_str())
}

/// Counts a form that was served.
pub(super) fn record_form_view() {
    form_event("view");
}

/// Counts what became of a form submitted `age` after it was issued. A replay, and a request that
/// the client will repeat by itself, is not counted again.
pub(super) fn record_form_submit(age: TimeDelta, outcome: Outcome, will_retry: bool) {
    match outcome {
        Outcome::Replayed => {}
        Outcome::Created => {
            form_event("submit");
            form_event("complete");
            histogram!("registration_form_completion_seconds")
                .record(age.to_std().unwrap_or_default());
        }
        _ if will_retry => {}
        _ => form_event("submit"),
    }
}

fn form_event(event: &'static str) {
    counter!("registration_form_events_total", "event" => event).increment(1);
}

fn labels(error: FieldError) -> [(&'static str, &'static str); 2] {
    [("field", error.field.as_str()), ("code", error.code.as_str())]
}
