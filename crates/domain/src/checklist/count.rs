//! How many items there are.

use chrono::{DateTime, Utc};

use super::TemplateId;

/// How many items a student has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCount {
    /// Those that are missing.
    pub open: usize,
    /// Those that are there. Items that are not needed count as neither.
    pub done: usize,
}

/// The missing items of a template, over all students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateCount {
    /// The template.
    pub template: TemplateId,
    /// How many are open and done.
    pub count: TaskCount,
    /// When the oldest open one was added.
    pub oldest: Option<DateTime<Utc>>,
}
