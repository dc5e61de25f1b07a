//! Items that come with a place and go with it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
};
use registration_domain::{RowId, Status, StudentId, Task, TaskState, TaskTemplate, has_checklist};

use super::queries::{NewTaskRow, state_number};
use crate::{
    connection::session::DatabaseConnection,
    decode::limit,
    error,
    registrations::writer::multi_insert,
    schema::{students, tasks},
    search::index::LOOKED_UP,
    students::codes,
};

/// Rows of one insert: a number whose statement is kept prepared.
const INSERTED: usize = 448;

/// Gives these students, who are locked, the items of these templates that they lack.
pub(super) fn add_missing(
    connection: &mut DatabaseConnection,
    students: &[(RowId, StudentId)],
    templates: &[(i64, TaskTemplate)],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    if templates.is_empty() {
        return Ok(0);
    }
    let mut present: HashSet<(i64, Option<i64>)> = HashSet::new();
    let ids: Vec<_> = students.iter().map(|(RowId(id), _)| *id).collect();
    for ids in ids.chunks(LOOKED_UP) {
        let found: Vec<(i64, Option<i64>)> = tasks::table
            .filter(tasks::student_id.eq_any(ids))
            .filter(tasks::template_id.is_not_null())
            .select((tasks::student_id, tasks::template_id))
            .load(connection)?;
        present.extend(found);
    }
    let mut rows = Vec::new();
    for (RowId(student_id), student) in students {
        for (template_id, template) in templates {
            if !present.contains(&(*student_id, Some(*template_id))) {
                let task = Task::of_template(*student, template, now);
                rows.push(NewTaskRow::new(&task, *student_id, Some(*template_id)));
            }
        }
    }
    for rows in rows.chunks(INSERTED) {
        multi_insert::insert!(tasks::table, rows, connection).map_err(error::or_conflict)?;
    }
    Ok(rows.len())
}

/// Of a template, open, never completed, and without a day.
macro_rules! carries_nothing {
    () => {
        tasks::template_id
            .is_not_null()
            .and(tasks::state.eq(state_number(TaskState::Open)))
            .and(tasks::completed_at.is_null())
            .and(tasks::due_on.is_null())
    };
}

/// Removes from these students the items of templates that carry nothing.
pub(super) fn remove_empty(connection: &mut DatabaseConnection, rows: &[RowId]) -> QueryResult<()> {
    let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
    for ids in ids.chunks(LOOKED_UP) {
        let empty = tasks::table.filter(tasks::student_id.eq_any(ids)).filter(carries_nothing!());
        diesel::delete(empty).execute(connection)?;
    }
    Ok(())
}

/// Removes items of this template that carry nothing: all of them, or those of students without a place.
/// Returns their number, up to `most`.
pub(super) fn remove_empty_of(
    connection: &mut DatabaseConnection,
    template: i64,
    without_place_only: bool,
    most: usize,
) -> QueryResult<usize> {
    let place =
        Status::ALL.into_iter().filter(|status| !without_place_only || !has_checklist(*status));
    let statuses: Vec<_> = place.map(codes::status_number).collect();
    let ids: Vec<i64> = tasks::table
        .inner_join(students::table.on(students::id.eq(tasks::student_id)))
        .filter(tasks::template_id.eq(template))
        .filter(students::status.eq_any(statuses))
        .filter(carries_nothing!())
        .limit(limit(most))
        .select(tasks::id)
        .load(connection)?;
    for ids in ids.chunks(LOOKED_UP) {
        // What was ticked meanwhile stays.
        let empty = tasks::table.filter(tasks::id.eq_any(ids)).filter(carries_nothing!());
        diesel::delete(empty).execute(connection)?;
    }
    Ok(ids.len())
}
