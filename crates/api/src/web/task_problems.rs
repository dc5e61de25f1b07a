//! Changes of the checklist that failed, as problems: for the pages and for the API.

use actix_web::http::StatusCode;
use registration_application::desk::checklist::{TaskError, TemplateError};

use super::problem::Problem;

/// A student's checklist has this number of open items.
pub(crate) fn tasks_open(open: usize) -> Problem {
    Problem::new(StatusCode::CONFLICT, "tasks_open", |m| m.tasks_open).with_member("open", open)
}

/// The problem of an item that was not changed.
pub(crate) fn of_task(error: &TaskError) -> Problem {
    match error {
        TaskError::NotFound => Problem::not_found(),
        TaskError::Erased(_) => Problem::erased(),
        TaskError::Stale(_) => Problem::precondition_failed(),
        TaskError::OfTemplate => {
            Problem::new(StatusCode::CONFLICT, "task_of_template", |m| m.task_of_template)
        }
        TaskError::TooMany => too_many_tasks(),
        TaskError::KeyReused(_) => Problem::idempotency_key_reused(),
    }
}

fn too_many_tasks() -> Problem {
    Problem::new(StatusCode::CONFLICT, "too_many_tasks", |m| m.too_many_tasks)
}

/// The problem of a template that was not made or changed.
pub(crate) fn of_template(error: &TemplateError) -> Problem {
    match error {
        TemplateError::NotFound => Problem::not_found(),
        TemplateError::Stale(_) => Problem::precondition_failed(),
        TemplateError::TooMany => too_many_tasks(),
        TemplateError::KeyReused(_) => Problem::idempotency_key_reused(),
    }
}
