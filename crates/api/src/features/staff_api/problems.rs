//! Failed changes as problems.

use registration_application::desk::students::{ChangeError, CreateError, StaleChange};
use registration_domain::{FieldErrors, Permission, Status, StudentId, StudentRecord};
use serde_json::{Value, json};

use super::representation::StudentJson;
use crate::web::{problem::Problem, task_problems, time::rfc3339, trace_links::TraceLinks};

/// Invalid values of fields.
pub(super) fn invalid_fields(errors: FieldErrors) -> Problem {
    Problem::invalid_fields().with_field_errors(errors)
}

/// The problem of a student that could not be created.
pub(super) fn of_create(error: CreateError) -> Problem {
    match error {
        CreateError::AlreadyRegistered(id) => already_registered(id),
        CreateError::KeyReused(_) => Problem::idempotency_key_reused(),
    }
}

/// The problem of a change. The current state is for callers who may see it.
pub(super) fn of_change(error: ChangeError, may_see: bool, links: &TraceLinks) -> Problem {
    match error {
        ChangeError::NotFound => Problem::not_found(),
        ChangeError::Erased(at) => erased(rfc3339(at)),
        ChangeError::EmailTaken(id) => already_registered(id),
        ChangeError::Invalid(errors) => invalid_fields(errors),
        ChangeError::KeyReused(_) => Problem::idempotency_key_reused(),
        ChangeError::IllegalTransition(record) => illegal_transition(&record),
        ChangeError::TasksOpen(open) => task_problems::tasks_open(open),
        ChangeError::Stale(stale) => {
            let problem = Problem::precondition_failed();
            let StaleChange { current, changed_by, changed_at, changed_fields } = *stale;
            if !may_see {
                return problem;
            }
            let current = serde_json::to_value(StudentJson::new(&current, links));
            problem
                .with_member("current", current.unwrap_or(Value::Null))
                .with_member("changed_by", changed_by)
                .with_member("changed_at", changed_at.map(rfc3339))
                .with_member("changed_fields", changed_fields)
        }
    }
}

/// The student was erased.
pub(super) fn erased(at: String) -> Problem {
    Problem::erased().with_member("erased_at", at)
}

fn already_registered(id: Option<StudentId>) -> Problem {
    let problem = Problem::already_registered();
    match id {
        Some(id) => problem.with_member("student", id.to_string()),
        None => problem,
    }
}

fn illegal_transition(record: &StudentRecord) -> Problem {
    let allowed: Vec<_> =
        record.status.allowed().iter().map(|status| Status::as_str(*status)).collect();
    Problem::illegal_transition()
        .with_member("from", record.status.as_str())
        .with_member("allowed", json!(allowed))
}

/// Whether a caller may see the student whose change failed.
pub(super) fn may_see(caller: &registration_application::desk::access::Caller) -> bool {
    caller.may(Permission::StudentsRead)
}
