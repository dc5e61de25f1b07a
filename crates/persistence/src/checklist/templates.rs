//! The row of a template, and the queries of its table.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{TaskTemplate, TaskTitle, TemplateId};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, time, unreadable},
    locking::locked,
    schema::task_templates,
};

/// A template as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = task_templates)]
pub(super) struct TemplateRow {
    pub(super) id: i64,
    pub(super) public_id: Vec<u8>,
    pub(super) title: String,
    position: i16,
    is_active: bool,
    changed_at: NaiveDateTime,
    version: i32,
    checked_at: Option<NaiveDateTime>,
    pub(super) filled_to: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = task_templates)]
struct NewTemplateRow<'a> {
    public_id: &'a [u8],
    title: &'a str,
    position: i16,
    is_active: bool,
    changed_at: NaiveDateTime,
    version: i32,
}

impl TemplateRow {
    pub(super) fn template(&self) -> QueryResult<TaskTemplate> {
        Ok(TaskTemplate {
            id: self.template_id()?,
            title: self.task_title()?,
            position: u16::try_from(self.position).map_err(|_| unreadable())?,
            is_active: self.is_active,
            changed_at: self.changed_at.and_utc(),
            version: decode::version(self.version)?,
        })
    }

    pub(super) fn template_id(&self) -> QueryResult<TemplateId> {
        Ok(TemplateId::from_bytes(bytes(&self.public_id)?))
    }

    pub(super) fn task_title(&self) -> QueryResult<TaskTitle> {
        TaskTitle::parse(&self.title).map_err(|_| unreadable())
    }

    /// Whether students are being looked at because of it, or are to be.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> QueryResult<bool> {
        let checked_at = self.checked_at.map(|at| at.and_utc());
        Ok(self.filled_to.is_some() || self.template()?.is_due(checked_at, now))
    }
}

fn position(template: &TaskTemplate) -> i16 {
    i16::try_from(template.position).unwrap_or(i16::MAX)
}

macro_rules! row_of {
    ($id:expr) => {
        task_templates::table.filter(task_templates::public_id.eq($id.as_bytes().as_slice()))
    };
}

/// Every template, in the order of the checklist.
pub(super) fn all(connection: &mut DatabaseConnection) -> QueryResult<Vec<TemplateRow>> {
    task_templates::table
        .order((task_templates::position, task_templates::id))
        .select(TemplateRow::as_select())
        .load(connection)
}

pub(super) fn lock(
    connection: &mut DatabaseConnection,
    id: TemplateId,
) -> QueryResult<Option<TemplateRow>> {
    locked!(row_of!(id).select(TemplateRow::as_select()), first, connection).optional()
}

/// The row id of a template.
pub(super) fn row_id(
    connection: &mut DatabaseConnection,
    id: TemplateId,
) -> QueryResult<Option<i64>> {
    row_of!(id).select(task_templates::id).first(connection).optional()
}

pub(super) fn insert(
    connection: &mut DatabaseConnection,
    template: &TaskTemplate,
) -> QueryResult<()> {
    let row = NewTemplateRow {
        public_id: template.id.as_bytes(),
        title: template.title.as_str(),
        position: position(template),
        is_active: template.is_active,
        changed_at: time(template.changed_at),
        version: decode::version_number(template.version),
    };
    diesel::insert_into(task_templates::table).values(&row).execute(connection).map(drop)
}

pub(super) fn update(
    connection: &mut DatabaseConnection,
    template: &TaskTemplate,
) -> QueryResult<()> {
    diesel::update(row_of!(template.id))
        .set((
            task_templates::title.eq(template.title.as_str()),
            task_templates::position.eq(position(template)),
            task_templates::is_active.eq(template.is_active),
            task_templates::changed_at.eq(time(template.changed_at)),
            task_templates::version.eq(decode::version_number(template.version)),
        ))
        .execute(connection)
        .map(drop)
}

/// Keeps how far its items have been given to students; `None` for every student.
pub(super) fn keep_progress(
    connection: &mut DatabaseConnection,
    template: &TemplateRow,
    filled_to: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let begun = match template.filled_to {
        Some(_) => template.checked_at,
        None => Some(time(now)),
    };
    diesel::update(task_templates::table.filter(task_templates::id.eq(template.id)))
        .set((task_templates::filled_to.eq(filled_to), task_templates::checked_at.eq(begun)))
        .execute(connection)
        .map(drop)
}
