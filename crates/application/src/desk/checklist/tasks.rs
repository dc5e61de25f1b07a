//! The items of students.

use std::collections::HashMap;

use chrono::NaiveDate;
use registration_domain::{
    Action, Actor, DeskTransaction, JournalEntry, OperationId, RepositoryError, RowId, StudentId,
    Task, TaskId, TaskInsert, TaskQuery, TaskState, TaskTemplate, TaskTitle, TaskValues, Version,
};

use super::{
    super::{
        DeskError, RequestContext,
        access::Caller,
        jobs::Observation,
        once::{Done, Repeatable, once},
        students::{Found, find},
    },
    Checklist, TaskError,
};

/// What changes of an item; `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct TaskPatch {
    /// What it asks for.
    pub title: Option<TaskTitle>,
    /// By when it is needed; `Some(None)` takes the day away.
    pub due_on: Option<Option<NaiveDate>>,
    /// Its state.
    pub state: Option<TaskState>,
}

/// Most items of one student.
const MAX_OF_STUDENT: usize = TaskTemplate::MAX + Task::MAX_OWN;

type Answer<T> = Result<Result<T, TaskError>, DeskError>;

/// A changed item.
#[derive(Clone, Debug)]
pub struct TaskChange {
    /// The item as it is now.
    pub task: Task,
    /// The operation by which the change can be undone; `None` where it cannot, or nothing changed.
    pub operation: Option<OperationId>,
}

/// An item before and after a change.
type Change = (Task, TaskChange);

impl Checklist {
    /// Items, the newest first.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    #[tracing::instrument(name = "get_all_tasks", skip_all, fields(user.id = %caller.staff.id))]
    pub async fn tasks(
        &self,
        query: TaskQuery,
        caller: &Caller,
    ) -> Result<Vec<(RowId, Task)>, DeskError> {
        self.office.read(move |desk| desk.tasks(&query)).await
    }

    /// The items of a student, in the order of the checklist.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn of_student(&self, id: StudentId) -> Result<Found<Vec<Task>>, DeskError> {
        let read = move |desk: &mut dyn DeskTransaction| {
            Ok(match find(desk, id)? {
                Found::Student(_) => Found::Student(of_student(desk, id)?),
                Found::Erased(at) => Found::Erased(at),
                Found::Nothing => Found::Nothing,
            })
        };
        self.office.read(read).await
    }

    /// The item with this id.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn find(&self, id: TaskId) -> Result<Option<Task>, DeskError> {
        self.office.read(move |desk| desk.find_task(id)).await
    }

    /// Adds an item of this student alone.
    ///
    /// # Errors
    ///
    /// There is no such student, it has too many items, or the key was sent with another request.
    #[tracing::instrument(name = "create_task", skip_all, fields(user.id = %caller.staff.id))]
    pub async fn add(
        &self,
        student: StudentId,
        (title, due_on): (TaskTitle, Option<NaiveDate>),
        caller: &Caller,
        context: RequestContext,
        repeatable: Option<Repeatable<Task>>,
    ) -> Answer<Done<Task>> {
        let id = TaskId::new(context.now, context.id_bytes());
        let task = Task::new(id, student, title, due_on, context.now);
        let (actor, version) = (caller.actor(), |task: &Task| task.version);
        let add = move |desk: &mut dyn DeskTransaction| {
            once(desk, repeatable.as_ref(), student, context.now, version, |desk| {
                match desk.insert_task(&task)? {
                    TaskInsert::Inserted => {}
                    TaskInsert::NoStudent => return Ok(Err(missing(desk, student)?)),
                    TaskInsert::TooMany => return Ok(Err(TaskError::TooMany)),
                }
                let entry = context.entry(actor, Action::TaskCreated, *student.as_bytes());
                desk.append(&task.entry_of(Action::TaskCreated, None, entry))?;
                Ok(Ok(task.clone()))
            })
        };
        let added = self.office.write(add).await?;
        if let Ok(Done::Now(_)) = &added {
            (self.observe)(Observation::TasksCreated(1));
        }
        Ok(added)
    }

    /// Changes an item.
    ///
    /// # Errors
    ///
    /// There is no such item, its version is not this one, or the title is the template's.
    #[tracing::instrument(name = "edit_task", skip_all, fields(task.id = %id, user.id = %caller.staff.id))]
    pub async fn edit(
        &self,
        id: TaskId,
        version: Version,
        patch: TaskPatch,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<TaskChange> {
        let actor = caller.actor();
        let edit = move |before: &Task| {
            let values = before.values();
            let TaskPatch { title, due_on, state } = patch.clone();
            if before.template.is_some() && title.as_ref().is_some_and(|one| *one != before.title) {
                return Err(TaskError::OfTemplate);
            }
            let values = TaskValues {
                title: title.unwrap_or(values.title),
                due_on: due_on.unwrap_or(values.due_on),
                state: state.unwrap_or(values.state),
            };
            Ok(before.edited(&values, actor, context.now))
        };
        let changed = self.change(id, Some(version), actor, context, edit).await?;
        self.observed(changed)
    }

    /// Completes an item, opens it again, or says that it is not needed; nothing where it has that state, or
    /// where it has to have another one before.
    ///
    /// # Errors
    ///
    /// There is no such item, or its version is not the one that was asked for.
    #[tracing::instrument(name = "mark_task", skip_all, fields(task.id = %id, user.id = %caller.staff.id))]
    pub async fn mark(
        &self,
        id: TaskId,
        (from, state): (Option<TaskState>, TaskState),
        version: Option<Version>,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<TaskChange> {
        let actor = caller.actor();
        let mark = move |before: &Task| {
            let is_meant = from.is_none_or(|from| before.mark.state == from);
            let marked = before.marked(state, actor, context.now).filter(|_| is_meant);
            Ok(marked.map(|after| (after, vec!["state"])))
        };
        let changed = self.change(id, version, actor, context, mark).await?;
        self.observed(changed)
    }

    /// Deletes an item of a single student.
    ///
    /// # Errors
    ///
    /// There is no such item, its version is not this one, or it is the item of a template.
    #[tracing::instrument(name = "delete_task", skip_all, fields(task.id = %id, user.id = %caller.staff.id))]
    pub async fn delete(
        &self,
        id: TaskId,
        version: Version,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<()> {
        let actor = caller.actor();
        let delete = move |desk: &mut dyn DeskTransaction| {
            let task = match locked(desk, id, Some(version))? {
                Ok(task) => task,
                Err(error) => return Ok(Err(error)),
            };
            if task.template.is_some() {
                return Ok(Err(TaskError::OfTemplate));
            }
            desk.delete_task(id)?;
            let entry = context.entry(actor, Action::TaskDeleted, *task.student.as_bytes());
            desk.append(&entry.with("task", id.to_string()))?;
            Ok(Ok(()))
        };
        self.office.write(delete).await
    }

    async fn change(
        &self,
        id: TaskId,
        version: Option<Version>,
        actor: Actor,
        context: RequestContext,
        change: impl Fn(&Task) -> Result<Option<(Task, Vec<&'static str>)>, TaskError> + Send + 'static,
    ) -> Answer<Change> {
        let work = move |desk: &mut dyn DeskTransaction| {
            let before = match locked(desk, id, version)? {
                Ok(task) => task,
                Err(error) => return Ok(Err(error)),
            };
            let (after, fields) = match change(&before) {
                Ok(Some(changed)) => changed,
                Ok(None) => {
                    let unchanged = TaskChange { task: before.clone(), operation: None };
                    return Ok(Ok((before, unchanged)));
                }
                Err(error) => return Ok(Err(error)),
            };
            desk.update_task(&after)?;
            let is_mark = fields == ["state"];
            let action = if is_mark { Action::TaskMarked } else { Action::TaskEdited };
            let entry = context.entry(actor, action, *after.student.as_bytes());
            let entry = after.entry_of(action, Some(&before), entry);
            let operation = OperationId::new(context.now, context.other_id_bytes());
            desk.append(&match is_mark {
                true => JournalEntry { operation: Some(operation), ..entry },
                false => entry.with("fields", fields.join(",")),
            })?;
            let operation = is_mark.then_some(operation);
            Ok(Ok((before, TaskChange { task: after, operation })))
        };
        self.office.write(work).await
    }

    /// The item after a change; its first completion is counted.
    fn observed(&self, changed: Result<Change, TaskError>) -> Answer<TaskChange> {
        Ok(changed.map(|(before, after)| {
            if let Some(took) = after.task.completed_after(&before) {
                (self.observe)(Observation::TaskCompleted(took));
            }
            after
        }))
    }
}

/// The items of a student: those of templates in the order of the checklist, and then its own.
pub(in crate::desk) fn of_student(
    desk: &mut dyn DeskTransaction,
    id: StudentId,
) -> Result<Vec<Task>, RepositoryError> {
    let query = TaskQuery { student: Some(id), limit: MAX_OF_STUDENT, ..TaskQuery::default() };
    let places: HashMap<_, _> =
        desk.templates()?.into_iter().enumerate().map(|(place, one)| (one.id, place)).collect();
    let tasks = desk.tasks(&query)?.into_iter().rev().map(|(_, task)| task);
    let mut tasks: Vec<_> = tasks.collect();
    tasks.sort_by_key(|task| {
        task.template.map_or(usize::MAX, |id| places.get(&id).copied().unwrap_or(usize::MAX))
    });
    Ok(tasks)
}

/// Why there is no such student.
fn missing(desk: &mut dyn DeskTransaction, id: StudentId) -> Result<TaskError, RepositoryError> {
    Ok(match find(desk, id)? {
        Found::Erased(at) => TaskError::Erased(at),
        Found::Student(_) | Found::Nothing => TaskError::NotFound,
    })
}

/// The item, locked, provided that its version is the one that the caller saw.
fn locked(
    desk: &mut dyn DeskTransaction,
    id: TaskId,
    version: Option<Version>,
) -> Result<Result<Task, TaskError>, RepositoryError> {
    Ok(match desk.lock_task(id)? {
        None => Err(TaskError::NotFound),
        Some(task) if version.is_some_and(|version| version != task.version) => {
            Err(TaskError::Stale(Box::new(task)))
        }
        Some(task) => Ok(task),
    })
}
