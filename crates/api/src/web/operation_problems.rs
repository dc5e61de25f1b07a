//! Operations that did not begin, or were not undone, as problems: for the pages and for the API.

use registration_application::desk::{
    access::Caller,
    operations::{BeginError, UndoError},
};
use registration_domain::Permission;
use serde_json::json;

use super::{door, problem::Problem, time::rfc3339};

/// The problem of an operation that did not begin.
pub(crate) fn of_begin(error: BeginError) -> Problem {
    match error {
        BeginError::TooMany => Problem::too_many_students(),
        BeginError::KeyReused(_) => Problem::idempotency_key_reused(),
    }
}

/// The problem of an operation that this caller has not undone.
pub(crate) fn of_undo(error: UndoError, caller: &Caller) -> Problem {
    match error {
        UndoError::NotFound => Problem::not_found(),
        UndoError::NotOwn => door::lacking(caller, Permission::UndoOthers),
        UndoError::KeyReused(_) => Problem::idempotency_key_reused(),
        UndoError::Expired(at) => Problem::undo_expired().with_member("expired_at", rfc3339(at)),
        UndoError::ChangedSince(students) => {
            let ids: Vec<_> = students.iter().map(|student| student.id.to_string()).collect();
            Problem::changed_since().with_member("students", json!(ids))
        }
    }
}
