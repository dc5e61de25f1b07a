//! The row of an item, and the queries of its table.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, Connection, ExpressionMethods as _, Insertable, JoinOnDsl as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, Queryable, RunQueryDsl as _, Selectable,
    SelectableHelper as _,
    dsl::{count_star, min},
};
use registration_domain::{
    Mark, RowId, Status, StudentId, Task, TaskCount, TaskId, TaskQuery, TaskState, TaskTitle,
    TemplateCount, Version,
};

use super::templates::{self, TemplateRow};
use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, limit, optional_bytes, time, unreadable},
    error,
    locking::locked,
    schema::{students, tasks},
    search::index::LOOKED_UP,
    students::{codes, record},
};

/// An item as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
struct TaskRow {
    id: i64,
    public_id: Vec<u8>,
    student_id: i64,
    template_id: Option<i64>,
    title: Option<String>,
    state: i16,
    due_on: Option<NaiveDate>,
    created_at: NaiveDateTime,
    completed_at: Option<NaiveDateTime>,
    completed_by: Option<Vec<u8>>,
    version: i32,
}

#[derive(Insertable)]
#[diesel(table_name = tasks, treat_none_as_default_value = false)]
pub(super) struct NewTaskRow {
    public_id: Vec<u8>,
    student_id: i64,
    template_id: Option<i64>,
    title: Option<String>,
    state: i16,
    due_on: Option<NaiveDate>,
    created_at: NaiveDateTime,
    version: i32,
}

impl NewTaskRow {
    pub(super) fn new(task: &Task, student_id: i64, template_id: Option<i64>) -> Self {
        let title = template_id.is_none().then(|| task.title.as_str().to_owned());
        Self {
            public_id: task.id.as_bytes().to_vec(),
            student_id,
            template_id,
            title,
            state: state_number(task.mark.state),
            due_on: task.due_on,
            created_at: time(task.created_at),
            version: decode::version_number(task.version),
        }
    }
}

/// The number that the table holds for a state. It is never reused.
pub(crate) const fn state_number(state: TaskState) -> i16 {
    match state {
        TaskState::Open => 1,
        TaskState::Done => 2,
        TaskState::Waived => 3,
    }
}

fn state(number: i16) -> QueryResult<TaskState> {
    decode::by_number(number, TaskState::ALL, state_number)
}

impl TaskRow {
    fn task(
        self,
        student: StudentId,
        templates: &HashMap<i64, TemplateRow>,
    ) -> QueryResult<(RowId, Task)> {
        let template = self.template_id.map(|id| templates.get(&id).ok_or_else(unreadable));
        let template = template.transpose()?;
        let title = match (template, &self.title) {
            (Some(template), _) => template.task_title()?,
            (None, title) => {
                TaskTitle::parse(title.as_deref().unwrap_or_default()).map_err(|_| unreadable())?
            }
        };
        let task = Task {
            id: TaskId::from_bytes(bytes(&self.public_id)?),
            student,
            template: template.map(TemplateRow::template_id).transpose()?,
            title,
            mark: Mark {
                state: state(self.state)?,
                completed_at: self.completed_at.map(|at| at.and_utc()),
                completed_by: optional_bytes(self.completed_by.as_deref())?,
            },
            due_on: self.due_on,
            created_at: self.created_at.and_utc(),
            version: decode::version(self.version)?,
        };
        Ok((RowId(self.id), task))
    }
}

/// The items of these rows, with their templates and students.
fn resolved(
    connection: &mut DatabaseConnection,
    rows: Vec<TaskRow>,
) -> QueryResult<Vec<(RowId, Task)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let by_id = |row: TemplateRow| (row.id, row);
    let templates: HashMap<_, _> = templates::all(connection)?.into_iter().map(by_id).collect();
    let ids: HashSet<_> = rows.iter().map(|row| row.student_id).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let mut students = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        let found: Vec<(i64, Vec<u8>)> = students::table
            .filter(students::id.eq_any(ids))
            .select((students::id, students::public_id))
            .load(connection)?;
        for (id, public_id) in found {
            students.insert(id, StudentId::from_bytes(bytes(&public_id)?));
        }
    }
    let task = |row: TaskRow| {
        let student = *students.get(&row.student_id).ok_or_else(unreadable)?;
        row.task(student, &templates)
    };
    rows.into_iter().map(task).collect()
}

fn one(connection: &mut DatabaseConnection, row: Option<TaskRow>) -> QueryResult<Option<Task>> {
    let tasks = resolved(connection, row.into_iter().collect())?;
    Ok(tasks.into_iter().next().map(|(_, task)| task))
}

macro_rules! row_of {
    ($id:expr) => {
        tasks::table.filter(tasks::public_id.eq($id.as_bytes().as_slice()))
    };
}

pub(super) fn find(connection: &mut DatabaseConnection, id: TaskId) -> QueryResult<Option<Task>> {
    let row = row_of!(id).select(TaskRow::as_select()).first(connection).optional()?;
    one(connection, row)
}

pub(super) fn lock(connection: &mut DatabaseConnection, id: TaskId) -> QueryResult<Option<Task>> {
    let row = locked!(row_of!(id).select(TaskRow::as_select()), first, connection).optional()?;
    one(connection, row)
}

pub(super) fn find_all(
    connection: &mut DatabaseConnection,
    ids: &[TaskId],
) -> QueryResult<Vec<Task>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        let ids = ids.iter().map(|id| id.as_bytes().as_slice());
        let of_ids = tasks::table.filter(tasks::public_id.eq_any(ids));
        rows.extend(of_ids.select(TaskRow::as_select()).load(connection)?);
    }
    Ok(resolved(connection, rows)?.into_iter().map(|(_, task)| task).collect())
}

pub(super) fn lock_all(
    connection: &mut DatabaseConnection,
    ids: &[TaskId],
) -> QueryResult<Vec<Task>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        let ids = ids.iter().map(|id| id.as_bytes().to_vec());
        let of_ids = tasks::table.filter(tasks::public_id.eq_any(ids.collect::<Vec<_>>()));
        let found: Vec<TaskRow> = locked!(of_ids.select(TaskRow::as_select()), load, connection)?;
        rows.extend(found);
    }
    Ok(resolved(connection, rows)?.into_iter().map(|(_, task)| task).collect())
}

type Backend = <DatabaseConnection as Connection>::Backend;

/// Items, the newest first.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    query: &TaskQuery,
) -> QueryResult<Vec<(RowId, Task)>> {
    let mut found = tasks::table
        .order(tasks::id.desc())
        .limit(limit(query.limit))
        .select(TaskRow::as_select())
        .into_boxed::<Backend>();
    if let Some(student) = query.student {
        let Some(row_id) = record::row_id(connection, student)? else { return Ok(Vec::new()) };
        found = found.filter(tasks::student_id.eq(row_id));
    }
    if let Some(state) = query.state {
        found = found.filter(tasks::state.eq(state_number(state)));
    }
    if let Some(template) = query.template {
        let Some(row_id) = templates::row_id(connection, template)? else { return Ok(Vec::new()) };
        found = found.filter(tasks::template_id.eq(row_id));
    }
    if query.without_template {
        found = found.filter(tasks::template_id.is_null());
    }
    if let Some(day) = query.due_before {
        found = found.filter(tasks::due_on.lt(day));
    }
    if let Some(RowId(before)) = query.before {
        found = found.filter(tasks::id.lt(before));
    }
    let rows = found.load(connection)?;
    resolved(connection, rows)
}

/// Adds an item of a single student.
pub(super) fn insert(
    connection: &mut DatabaseConnection,
    task: &Task,
    student_id: i64,
) -> QueryResult<()> {
    let row = NewTaskRow::new(task, student_id, None);
    // The student may have been erased since.
    let inserted = diesel::insert_into(tasks::table).values(&row).execute(connection);
    inserted.map(drop).map_err(error::or_conflict)
}

pub(super) fn update(connection: &mut DatabaseConnection, task: &Task) -> QueryResult<()> {
    let title = task.template.is_none().then(|| task.title.as_str());
    diesel::update(row_of!(task.id))
        .set((tasks::title.eq(title), tasks::due_on.eq(task.due_on)))
        .execute(connection)?;
    update_marks(connection, std::slice::from_ref(task))
}

/// Sets marks by one statement for all items with the same.
pub(super) fn update_marks(connection: &mut DatabaseConnection, tasks: &[Task]) -> QueryResult<()> {
    let mut groups: HashMap<(Mark, Version), Vec<Vec<u8>>> = HashMap::new();
    for task in tasks {
        groups.entry((task.mark, task.version)).or_default().push(task.id.as_bytes().to_vec());
    }
    for ((Mark { state, completed_at, completed_by }, version), ids) in groups {
        for ids in ids.chunks(LOOKED_UP) {
            diesel::update(tasks::table.filter(tasks::public_id.eq_any(ids)))
                .set((
                    tasks::state.eq(state_number(state)),
                    tasks::completed_at.eq(completed_at.map(time)),
                    tasks::completed_by.eq(completed_by.map(|by| by.to_vec())),
                    tasks::version.eq(decode::version_number(version)),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

pub(super) fn delete(connection: &mut DatabaseConnection, id: TaskId) -> QueryResult<()> {
    diesel::delete(row_of!(id)).execute(connection).map(drop)
}

/// The open and done items of each of these students.
pub(super) fn count(
    connection: &mut DatabaseConnection,
    rows: &[RowId],
) -> QueryResult<Vec<(RowId, TaskCount)>> {
    let mut counts: HashMap<_, TaskCount> = HashMap::new();
    let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
    for ids in ids.chunks(LOOKED_UP) {
        let found: Vec<(i64, i16, i64)> = tasks::table
            .filter(tasks::student_id.eq_any(ids))
            .group_by((tasks::student_id, tasks::state))
            .select((tasks::student_id, tasks::state, count_star()))
            .load(connection)?;
        for (id, number, count) in found {
            add(counts.entry(RowId(id)).or_default(), state(number)?, count);
        }
    }
    Ok(counts.into_iter().collect())
}

fn add(counts: &mut TaskCount, state: TaskState, count: i64) {
    let count = usize::try_from(count).unwrap_or_default();
    match state {
        TaskState::Open => counts.open += count,
        TaskState::Done => counts.done += count,
        TaskState::Waived => {}
    }
}

/// The items of each template, of students whose items are awaited. The oldest is the one that was added
/// first.
pub(super) fn count_by_template(
    connection: &mut DatabaseConnection,
) -> QueryResult<Vec<TemplateCount>> {
    let templates = templates::all(connection)?;
    let gone = [Status::Rejected, Status::Withdrawn].map(codes::status_number);
    let found: Vec<(Option<i64>, i16, i64, Option<i64>)> = tasks::table
        .inner_join(students::table.on(students::id.eq(tasks::student_id)))
        .filter(students::status.ne_all(gone))
        .filter(tasks::template_id.is_not_null())
        .group_by((tasks::template_id, tasks::state))
        .select((tasks::template_id, tasks::state, count_star(), min(tasks::id)))
        .load(connection)?;
    let mut counts = Vec::with_capacity(templates.len());
    for template in templates {
        let (mut count, mut oldest) = (TaskCount::default(), None);
        for (_, number, tasks, first) in found.iter().filter(|row| row.0 == Some(template.id)) {
            let state = state(*number)?;
            add(&mut count, state, *tasks);
            if state == TaskState::Open {
                oldest = *first;
            }
        }
        let oldest = oldest.map(|id| created_at(connection, id)).transpose()?;
        counts.push(TemplateCount { template: template.template_id()?, count, oldest });
    }
    Ok(counts)
}

fn created_at(connection: &mut DatabaseConnection, id: i64) -> QueryResult<DateTime<Utc>> {
    let of_id = tasks::table.filter(tasks::id.eq(id)).select(tasks::created_at);
    Ok(of_id.first::<NaiveDateTime>(connection)?.and_utc())
}

/// Those of these students who have an item of their own, or one that was changed.
pub(super) fn with_changed(
    connection: &mut DatabaseConnection,
    rows: &[RowId],
) -> QueryResult<HashSet<RowId>> {
    let mut found = HashSet::new();
    let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
    for ids in ids.chunks(LOOKED_UP) {
        let is_changed = tasks::template_id.is_null().or(tasks::version.gt(1));
        let with: Vec<i64> = tasks::table
            .filter(tasks::student_id.eq_any(ids))
            .filter(is_changed)
            .select(tasks::student_id)
            .load(connection)?;
        found.extend(with.into_iter().map(RowId));
    }
    Ok(found)
}

/// Those of these students who have an open item.
pub(super) fn with_open(
    connection: &mut DatabaseConnection,
    rows: &[RowId],
) -> QueryResult<HashSet<RowId>> {
    let counts = count(connection, rows)?;
    Ok(counts.into_iter().filter(|(_, count)| count.open > 0).map(|(row, _)| row).collect())
}

/// The number of items of this student alone.
pub(super) fn count_own(
    connection: &mut DatabaseConnection,
    student_id: i64,
) -> QueryResult<usize> {
    let own =
        tasks::table.filter(tasks::student_id.eq(student_id)).filter(tasks::template_id.is_null());
    let count: i64 = own.count().get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back() {
        for one in TaskState::ALL {
            assert_eq!(state(state_number(one)), Ok(one));
        }
        assert!(state(0).is_err() && state(4).is_err());
    }
}
