//! The checklist: its templates, the items of students, and the job that gives them.

mod fill;
mod follow;
mod tasks;
mod templates;

use chrono::{DateTime, Utc};
use registration_domain::{Task, TaskTemplate};

use super::{Office, jobs::Observer, once::KeyReused};

pub use self::{
    fill::fill_checklists,
    tasks::{TaskChange, TaskPatch},
    templates::{Overview, TemplatePatch},
};
pub(super) use self::{follow::follow, tasks::of_student};

/// Reads and changes the checklist.
pub struct Checklist {
    office: Office,
    observe: Observer,
}

impl Checklist {
    /// Over this office.
    #[must_use]
    pub fn new(office: Office, observe: Observer) -> Self {
        Self { office, observe }
    }
}

/// Why an item was not changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TaskError {
    /// There is no such item, or no such student.
    #[error("there is no such item")]
    NotFound,
    /// The student was erased at this time.
    #[error("the student was erased")]
    Erased(DateTime<Utc>),
    /// Someone has changed the item since: it is this one now.
    #[error("someone has changed the item since")]
    Stale(Box<Task>),
    /// It is the item of a template: it has the template's title, and is not deleted.
    #[error("it is the item of a template")]
    OfTemplate,
    /// The student has [`Task::MAX_OWN`] items of its own.
    #[error("the student has too many items")]
    TooMany,
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}

/// Why a template was not made or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is no such template.
    #[error("there is no such template")]
    NotFound,
    /// Someone has changed the template since: it is this one now.
    #[error("someone has changed the template since")]
    Stale(Box<TaskTemplate>),
    /// There are [`TaskTemplate::MAX`] templates.
    #[error("there are too many templates")]
    TooMany,
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}
