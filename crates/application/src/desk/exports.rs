//! Exports: the students of a list, for a file or for paper.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, Detail, JournalEntry, RepositoryError, RosterFilter, RowId,
    Sort, StudentRecord, TaskCount, commit, read,
};
use tokio::sync::Mutex;

use super::{DeskError, Office, RequestContext};
use crate::threads::{Reserved, Threads};

/// Students that are read at once: as many as the longest page has.
const PAGE: usize = 200;

/// A student of an export.
#[derive(Clone, Debug)]
pub struct ExportedStudent {
    /// The student.
    pub record: StudentRecord,
    /// The items of the checklist.
    pub tasks: TaskCount,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct ExportQuery {
    /// Which students.
    pub filter: RosterFilter,
    /// In which order.
    pub sort: Sort,
    /// The format, for the journal: `csv`, `xlsx`, `paper`.
    pub format: &'static str,
}

/// An export that has begun: its students are known, and it has a place among the threads.
#[derive(Debug)]
pub struct BegunExport {
    rows: Vec<RowId>,
    entry: JournalEntry,
    begun: Instant,
    reserved: Reserved,
}

/// A search does not find everyone: its word is too frequent, or the index is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search does not find everyone")]
pub struct Incomplete;

/// Students of a printed list.
pub const MOST_PRINTED: usize = 3000;

/// The first students of a list, to be printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The students.
    pub students: Vec<StudentRecord>,
    /// Whether there are more.
    pub has_more: bool,
}

/// The file was given up: its reader has gone, or it could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// Why a file is not whole.
#[derive(Debug)]
enum BrokenOff {
    GivenUp,
    Store(RepositoryError),
}

/// Exports students.
pub struct Exports {
    office: Office,
    threads: Arc<Threads>,
    reading: Mutex<()>,
}

impl Exports {
    /// Over this office, on threads of its own: an export takes as long as its reader.
    #[must_use]
    pub fn new(office: Office, threads: Arc<Threads>) -> Self {
        Self { office, threads, reading: Mutex::default() }
    }

    /// How many students an export of this list has.
    ///
    /// # Errors
    ///
    /// A search does not find everyone.
    pub async fn count(
        &self,
        filter: RosterFilter,
    ) -> Result<Result<usize, Incomplete>, DeskError> {
        let of = filter.clone();
        let all = move |desk: &mut dyn DeskTransaction| desk.rows(&of, Sort::OldestFirst);
        let rows = self.office.list(&filter, all).await?;
        Ok(rows.map(|rows| rows.len()).ok_or(Incomplete))
    }

    /// Fixes which students are exported. One list is read at a time: it may be long.
    ///
    /// # Errors
    ///
    /// A search does not find everyone.
    pub async fn begin(
        &self,
        query: ExportQuery,
        actor: Actor,
        context: RequestContext,
    ) -> Result<Result<BegunExport, Incomplete>, DeskError> {
        let reserved = self.threads.reserve()?;
        let begun = Instant::now();
        let ExportQuery { filter, sort, .. } = query.clone();
        let all = move |desk: &mut dyn DeskTransaction| desk.rows(&filter, sort);
        let _one = self.reading.lock().await;
        let Some(rows) = self.office.list(&query.filter, all).await? else {
            return Ok(Err(Incomplete));
        };
        let entry = entry(Action::Exported, &query, rows.len(), actor, context);
        Ok(Ok(BegunExport { rows, entry, begun, reserved }))
    }

    /// The first [`MOST_PRINTED`] students of a list, which the journal records.
    ///
    /// # Errors
    ///
    /// A search does not find everyone.
    pub async fn print(
        &self,
        query: ExportQuery,
        actor: Actor,
        context: RequestContext,
    ) -> Result<Result<Printed, Incomplete>, DeskError> {
        let ExportQuery { filter, sort, .. } = query.clone();
        let first = move |desk: &mut dyn DeskTransaction| {
            let Some(rows) = desk.rows(&filter, sort)? else { return Ok(None) };
            let printed = rows.get(..MOST_PRINTED).unwrap_or(&rows);
            let students = students_in(desk, printed)?.into_iter().map(|(_, record)| record);
            let has_more = printed.len() < rows.len();
            Ok(Some(Printed { students: students.collect(), has_more }))
        };
        let Some(printed) = self.office.list(&query.filter, first).await? else {
            return Ok(Err(Incomplete));
        };
        let entry = entry(Action::Printed, &query, printed.students.len(), actor, context);
        let Ok(()) =
            self.office.write(move |desk| desk.append(&entry).map(Ok::<_, Infallible>)).await?;
        Ok(Ok(printed))
    }

    /// Gives the students to `write`, page by page and then `None`, as they are when their page is read;
    /// those erased since the beginning are left out. Returns their number, or `None` where `write`
    /// gave up. The journal has the beginning before any of them leaves, and the end.
    ///
    /// # Errors
    ///
    /// The store gave no answer: the file is not whole.
    pub async fn run(
        &self,
        begun: BegunExport,
        write: impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp> + Send + 'static,
    ) -> Result<Option<usize>, DeskError> {
        let office = self.office.clone();
        let span = tracing::info_span!("export_students");
        let BegunExport { rows, entry, begun, reserved } = begun;
        let run = move || {
            let _entered = span.enter();
            commit(&*office.store, |desk| desk.append(&entry))?;
            let mut count = 0;
            let written = write_all(&office, &rows, &mut count, write);
            let outcome = if written.is_ok() { "complete" } else { "broken_off" };
            let at = entry.at + begun.elapsed();
            let ended = JournalEntry { action: Action::ExportEnded, at, ..entry };
            let ended = ended.with("rows", count.to_string()).with("outcome", outcome);
            commit(&*office.store, |desk| desk.append(&ended))?;
            match written {
                Ok(()) => Ok(Some(count)),
                Err(BrokenOff::GivenUp) => Ok(None),
                Err(BrokenOff::Store(error)) => Err(error),
            }
        };
        Ok(reserved.run(run).await??)
    }
}

/// An entry about the one who exports.
fn entry(
    action: Action,
    query: &ExportQuery,
    rows: usize,
    actor: Actor,
    context: RequestContext,
) -> JournalEntry {
    let entry = JournalEntry::new(context.now, actor, action, actor.id().copied());
    let entry = JournalEntry { trace_id: context.trace_id, detail: described(query), ..entry };
    entry.with("rows", rows.to_string())
}

fn write_all(
    office: &Office,
    rows: &[RowId],
    count: &mut usize,
    mut write: impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp>,
) -> Result<(), BrokenOff> {
    for rows in rows.chunks(PAGE) {
        let students = read(&*office.store, |desk| with_tasks(desk, rows));
        let students = students.map_err(BrokenOff::Store)?;
        let number = students.len();
        write(Some(students)).map_err(|GivenUp| BrokenOff::GivenUp)?;
        *count += number;
    }
    write(None).map_err(|GivenUp| BrokenOff::GivenUp)
}

/// The students in these rows, in their order.
fn students_in(
    desk: &mut dyn DeskTransaction,
    rows: &[RowId],
) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError> {
    let mut found: HashMap<_, _> = desk.records_in(rows)?.into_iter().collect();
    Ok(rows.iter().filter_map(|row| Some((*row, found.remove(row)?))).collect())
}

fn with_tasks(
    desk: &mut dyn DeskTransaction,
    rows: &[RowId],
) -> Result<Vec<ExportedStudent>, RepositoryError> {
    let tasks: HashMap<_, _> = desk.count_tasks(rows)?.into_iter().collect();
    let student = |(row, record)| {
        let tasks = tasks.get(&row).copied().unwrap_or_default();
        ExportedStudent { record, tasks }
    };
    Ok(students_in(desk, rows)?.into_iter().map(student).collect())
}

/// What the journal says of an export: a search term is personal data, and is not part of it.
fn described(query: &ExportQuery) -> Detail {
    let ExportQuery { filter, sort, format } = query;
    let mut detail = Detail::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            detail.insert(name.to_owned(), value);
        }
    };
    let statuses: Vec<_> = filter.statuses.iter().map(|status| status.as_str()).collect();
    let sources: Vec<_> = filter.sources.iter().map(|source| source.as_str()).collect();
    add("format", (*format).to_owned());
    add("sort", sort.as_str().to_owned());
    add("status", statuses.join(","));
    add("source", sources.join(","));
    add("searched", if filter.words.words().is_empty() { "" } else { "yes" }.to_owned());
    add("missing", if filter.missing.is_some() { "yes" } else { "" }.to_owned());
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339());
    add("registered_from", time(filter.registered_from).unwrap_or_default());
    add("registered_to", time(filter.registered_to).unwrap_or_default());
    detail
}
