//! The port to the checklist. Every method fails where the store gives no answer.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    RepositoryError, RowId, StudentId, Task, TaskCount, TaskId, TaskState, TaskTemplate,
    TemplateCount, TemplateId,
};

/// Templates and items within a transaction.
pub trait ChecklistRepository {
    /// Every template, in the order of the checklist.
    fn templates(&mut self) -> Result<Vec<TaskTemplate>, RepositoryError>;

    /// Locks a template until the end of the transaction, and returns its latest state.
    fn lock_template(&mut self, id: TemplateId) -> Result<Option<TaskTemplate>, RepositoryError>;

    /// Adds a template.
    fn insert_template(&mut self, template: &TaskTemplate) -> Result<(), RepositoryError>;

    /// Replaces a locked template by its next version.
    fn update_template(&mut self, template: &TaskTemplate) -> Result<(), RepositoryError>;

    /// The items of each template, counted over all students.
    fn count_by_template(&mut self) -> Result<Vec<TemplateCount>, RepositoryError>;

    /// The item with this id.
    fn find_task(&mut self, id: TaskId) -> Result<Option<Task>, RepositoryError>;

    /// Locks an item until the end of the transaction, and returns its latest state.
    fn lock_task(&mut self, id: TaskId) -> Result<Option<Task>, RepositoryError>;

    /// The items with these ids, in no order.
    fn find_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>, RepositoryError>;

    /// Locks these items, and returns them in no order.
    fn lock_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>, RepositoryError>;

    /// Items, the newest first, each with its number.
    fn tasks(&mut self, query: &TaskQuery) -> Result<Vec<(RowId, Task)>, RepositoryError>;

    /// Adds an item of a single student, who is indexed then.
    fn insert_task(&mut self, task: &Task) -> Result<TaskInsert, RepositoryError>;

    /// Replaces a locked item by its next version.
    fn update_task(&mut self, task: &Task) -> Result<(), RepositoryError>;

    /// Replaces locked items by their next versions, which differ in the mark alone.
    fn update_marks(&mut self, tasks: &[Task]) -> Result<(), RepositoryError>;

    /// Deletes an item.
    fn delete_task(&mut self, id: TaskId) -> Result<(), RepositoryError>;

    /// How many items each of these students has; none for those without.
    fn count_tasks(&mut self, rows: &[RowId]) -> Result<Vec<(RowId, TaskCount)>, RepositoryError>;

    /// Those of these students who have an item of their own, or one that was changed.
    fn with_changed_tasks(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError>;

    /// Those of these students who have an open item.
    fn with_open_tasks(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError>;

    /// Gives these locked students the items of the active templates that they lack, and returns their
    /// number.
    fn add_checklists(
        &mut self,
        students: &[(RowId, StudentId)],
        now: DateTime<Utc>,
    ) -> Result<usize, RepositoryError>;

    /// Removes from these locked students the items of templates that carry nothing: open, never completed,
    /// and without a day.
    fn remove_checklists(&mut self, rows: &[RowId]) -> Result<(), RepositoryError>;

    /// Whether a template is due: students are to be looked at because of it.
    fn has_due_template(&mut self, now: DateTime<Utc>) -> Result<bool, RepositoryError>;

    /// Takes the next step of a template that is due: removes items that carry nothing from students who
    /// should not have them, or gives them to those with a place. Returns the number of new items; `None`
    /// where no template is due.
    fn fill_next(&mut self, now: DateTime<Utc>) -> Result<Option<usize>, RepositoryError>;
}

/// The result of [`ChecklistRepository::insert_task`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskInsert {
    /// Inserted.
    Inserted,
    /// There is no such student.
    NoStudent,
    /// The student has [`Task::MAX_OWN`] items of its own.
    TooMany,
}

/// Which items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Of this student.
    pub student: Option<StudentId>,
    /// In this state.
    pub state: Option<TaskState>,
    /// Of this template.
    pub template: Option<TemplateId>,
    /// Of single students alone.
    pub without_template: bool,
    /// Needed before this day.
    pub due_before: Option<NaiveDate>,
    /// Before this item.
    pub before: Option<RowId>,
    /// Most items.
    pub limit: usize,
}
