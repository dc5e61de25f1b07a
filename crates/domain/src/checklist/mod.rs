//! The enrolment checklist: the items that every student with a place gets, from templates, and further
//! ones of single students.

mod count;
mod mark_change;
mod task;
mod template;
mod title;

pub use self::{
    count::{TaskCount, TemplateCount},
    mark_change::MarkChange,
    task::{Mark, Task, TaskId, TaskState, TaskValues},
    template::{MissingTask, TaskTemplate, TemplateId, has_checklist},
    title::{TaskTitle, TaskTitleError},
};
