//! Items and templates of the checklist in JSON, and what a body says of them.

use chrono::NaiveDate;
use registration_application::desk::checklist::{TaskPatch, TemplatePatch};
use registration_domain::{
    OperationId, StudentId, Task, TaskCount, TaskState, TaskTemplate, TaskTitle, TaskTitleError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body::Members;
use crate::web::{
    problem::Problem,
    time::{self, rfc3339},
};

/// An item of a student's checklist.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Task)]
pub(crate) struct TaskJson {
    id: String,
    student_id: String,
    title: String,
    /// The template that it comes from; null for an item of this student alone.
    #[schema(required)]
    template: Option<String>,
    /// open, done or waived.
    state: String,
    /// The day by which it is needed.
    #[schema(required)]
    due_on: Option<String>,
    created_at: String,
    /// When it was first completed; null while it is not done, and the first time again when it is.
    #[schema(required)]
    completed_at: Option<String>,
    /// The person or the token that completed it.
    #[schema(required)]
    completed_by: Option<String>,
    version: u32,
    /// By which the change can be undone: in the answer to a change of the state alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
}

/// A page of items.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tasks {
    pub(super) items: Vec<TaskJson>,
    /// The cursor of the next page.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// An item that every student gets with a place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskTemplate)]
pub(crate) struct TemplateJson {
    id: String,
    title: String,
    /// Its place in the checklist, ascending.
    position: u16,
    /// Whether students still get it.
    active: bool,
    version: u32,
}

/// The templates, in the order of the checklist.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskTemplates {
    pub(super) items: Vec<TemplateJson>,
}

/// How many items of a student are open and done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskCount)]
pub(crate) struct TaskCountJson {
    open: usize,
    done: usize,
}

impl From<TaskCount> for TaskCountJson {
    fn from(TaskCount { open, done }: TaskCount) -> Self {
        Self { open, done }
    }
}

impl From<&Task> for TaskJson {
    fn from(task: &Task) -> Self {
        let mark = task.mark;
        let completed_at = mark.completed_at.filter(|_| mark.state == TaskState::Done);
        let completed_by = mark.completed_by.map(StudentId::from_bytes);
        Self {
            id: task.id.to_string(),
            student_id: task.student.to_string(),
            title: task.title.as_str().to_owned(),
            template: task.template.map(|id| id.to_string()),
            state: mark.state.as_str().to_owned(),
            due_on: task.due_on.map(|day| day.to_string()),
            created_at: rfc3339(task.created_at),
            completed_at: completed_at.map(rfc3339),
            completed_by: completed_by.map(|id| id.to_string()),
            version: task.version.get(),
            operation: None,
        }
    }
}

impl TaskJson {
    pub(super) fn with_operation(self, operation: Option<OperationId>) -> Self {
        Self { operation: operation.map(|id| id.to_string()), ..self }
    }
}

impl From<&TaskTemplate> for TemplateJson {
    fn from(template: &TaskTemplate) -> Self {
        Self {
            id: template.id.to_string(),
            title: template.title.as_str().to_owned(),
            position: template.position,
            active: template.is_active,
            version: template.version.get(),
        }
    }
}

/// The body of an answer.
pub(super) fn task_body(task: &Task) -> Vec<u8> {
    serde_json::to_vec(&TaskJson::from(task)).unwrap_or_default()
}

/// The body of an answer.
pub(super) fn template_body(template: &TaskTemplate) -> Vec<u8> {
    serde_json::to_vec(&TemplateJson::from(template)).unwrap_or_default()
}

/// Takes a title out; `None` where it is missing.
pub(super) fn take_title(members: &mut Members) -> Result<Option<TaskTitle>, Problem> {
    match members.take("title") {
        None => Ok(None),
        Some(Value::String(title)) => {
            let invalid = |error| match error {
                TaskTitleError::Missing => members.invalid("title", "required"),
                TaskTitleError::TooLong => members.invalid("title", "too_long"),
            };
            TaskTitle::parse(&title).map(Some).map_err(invalid)
        }
        Some(Value::Null) => Err(members.invalid("title", "required")),
        Some(_) => Err(members.invalid("title", "type")),
    }
}

/// Takes a day out; `None` where it is missing, `Some(None)` where it is null.
pub(super) fn take_due_on(members: &mut Members) -> Result<Option<Option<NaiveDate>>, Problem> {
    match members.take("due_on") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(day)) => time::day(&day)
            .map(|day| Some(Some(day)))
            .ok_or_else(|| members.invalid("due_on", "unknown")),
        Some(_) => Err(members.invalid("due_on", "type")),
    }
}

/// The item as a body wants it. Without a patch, what it leaves out is as in a new one.
pub(super) fn take_task(members: &mut Members, is_patch: bool) -> Result<TaskPatch, Problem> {
    let title = take_title(members)?;
    let due_on = take_due_on(members)?;
    let state = match members.take("state") {
        None => None,
        Some(Value::String(state)) => {
            Some(state.parse().map_err(|_| members.invalid("state", "unknown"))?)
        }
        Some(Value::Null) => return Err(members.invalid("state", "required")),
        Some(_) => return Err(members.invalid("state", "type")),
    };
    members.end()?;
    if is_patch {
        return Ok(TaskPatch { title, due_on, state });
    }
    let title = Some(title.ok_or_else(|| members.invalid("title", "required"))?);
    Ok(TaskPatch {
        title,
        due_on: Some(due_on.flatten()),
        state: Some(state.unwrap_or(TaskState::Open)),
    })
}

/// What changes of a template.
pub(super) fn take_template(members: &mut Members) -> Result<TemplatePatch, Problem> {
    let title = take_title(members)?;
    let position = match members.take("position") {
        None => None,
        Some(position) => {
            let number = position.as_u64().and_then(|number| u16::try_from(number).ok());
            let number = number.filter(|number| *number <= TaskTemplate::MAX_POSITION);
            Some(number.ok_or_else(|| members.invalid("position", "type"))?)
        }
    };
    let is_active = match members.take("active") {
        None => None,
        Some(active) => Some(active.as_bool().ok_or_else(|| members.invalid("active", "type"))?),
    };
    members.end()?;
    Ok(TemplatePatch { title, position, is_active })
}
