//! The port to the checklist.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use registration_domain::{
    ChecklistRepository, RepositoryError, RowId, StudentId, Task, TaskCount, TaskId, TaskInsert,
    TaskQuery, TaskTemplate, TemplateCount, TemplateId,
};

use super::{
    fill, places, queries,
    templates::{self, TemplateRow},
};
use crate::{students::records, transaction::DieselTransaction};

impl ChecklistRepository for DieselTransaction<'_> {
    fn templates(&mut self) -> Result<Vec<TaskTemplate>, RepositoryError> {
        self.run(|connection| {
            templates::all(connection)?.iter().map(TemplateRow::template).collect()
        })
    }

    fn lock_template(&mut self, id: TemplateId) -> Result<Option<TaskTemplate>, RepositoryError> {
        self.run(|connection| {
            templates::lock(connection, id)?.map(|row| row.template()).transpose()
        })
    }

    fn insert_template(&mut self, template: &TaskTemplate) -> Result<(), RepositoryError> {
        self.run(|connection| templates::insert(connection, template))
    }

    fn update_template(&mut self, template: &TaskTemplate) -> Result<(), RepositoryError> {
        self.run(|connection| templates::update(connection, template))
    }

    fn count_by_template(&mut self) -> Result<Vec<TemplateCount>, RepositoryError> {
        self.run(queries::count_by_template)
    }

    fn find_task(&mut self, id: TaskId) -> Result<Option<Task>, RepositoryError> {
        self.run(|connection| queries::find(connection, id))
    }

    fn lock_task(&mut self, id: TaskId) -> Result<Option<Task>, RepositoryError> {
        self.run(|connection| queries::lock(connection, id))
    }

    fn find_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>, RepositoryError> {
        self.run(|connection| queries::find_all(connection, ids))
    }

    fn lock_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>, RepositoryError> {
        self.run(|connection| queries::lock_all(connection, ids))
    }

    fn tasks(&mut self, query: &TaskQuery) -> Result<Vec<(RowId, Task)>, RepositoryError> {
        self.run(|connection| queries::load(connection, query))
    }

    fn insert_task(&mut self, task: &Task) -> Result<TaskInsert, RepositoryError> {
        self.run(|connection| {
            let Some(row_id) = records::indexed_row(connection, task.student)? else {
                return Ok(TaskInsert::NoStudent);
            };
            if queries::count_own(connection, row_id)? >= Task::MAX_OWN {
                return Ok(TaskInsert::TooMany);
            }
            queries::insert(connection, task, row_id).map(|()| TaskInsert::Inserted)
        })
    }

    fn update_task(&mut self, task: &Task) -> Result<(), RepositoryError> {
        self.run(|connection| queries::update(connection, task))
    }

    fn update_marks(&mut self, tasks: &[Task]) -> Result<(), RepositoryError> {
        self.run(|connection| queries::update_marks(connection, tasks))
    }

    fn delete_task(&mut self, id: TaskId) -> Result<(), RepositoryError> {
        self.run(|connection| queries::delete(connection, id))
    }

    fn count_tasks(&mut self, rows: &[RowId]) -> Result<Vec<(RowId, TaskCount)>, RepositoryError> {
        self.run(|connection| queries::count(connection, rows))
    }

    fn with_changed_tasks(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError> {
        self.run(|connection| queries::with_changed(connection, rows))
    }

    fn with_open_tasks(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError> {
        self.run(|connection| queries::with_open(connection, rows))
    }

    fn add_checklists(
        &mut self,
        students: &[(RowId, StudentId)],
        now: DateTime<Utc>,
    ) -> Result<usize, RepositoryError> {
        self.run(|connection| {
            let mut active = Vec::new();
            for row in templates::all(connection)? {
                let template = row.template()?;
                if template.is_active {
                    active.push((row.id, template));
                }
            }
            places::add_missing(connection, students, &active, now)
        })
    }

    fn remove_checklists(&mut self, rows: &[RowId]) -> Result<(), RepositoryError> {
        self.run(|connection| places::remove_empty(connection, rows))
    }

    fn has_due_template(&mut self, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.run(|connection| Ok(fill::due(connection, now)?.is_some()))
    }

    fn fill_next(&mut self, now: DateTime<Utc>) -> Result<Option<usize>, RepositoryError> {
        self.run(|connection| fill::next(connection, now))
    }
}
