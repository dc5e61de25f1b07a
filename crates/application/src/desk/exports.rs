//! Exports: the students of a list, page by page, for a file.

use std::sync::Arc;

use registration_domain::{
    Action, DeskTransaction, Detail, JournalEntry, PageStart, Place, RepositoryError, RosterFilter,
    RosterPage, RosterQuery, RowId, StudentRecord, TaskCount, read, write,
};

use super::{DeskError, Office, RequestContext, access::Caller};
use crate::threads::Threads;

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
    /// Which students, in which order; the page is of no importance.
    pub roster: RosterQuery,
    /// The format, for the journal: `csv`, `xlsx`.
    pub format: &'static str,
}

/// An export that has begun: its first students are read.
#[derive(Debug)]
pub struct BegunExport {
    query: RosterQuery,
    first: Vec<(RowId, ExportedStudent)>,
    has_next: bool,
    entry: JournalEntry,
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

/// The file was given up: its reader has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// Exports students.
pub struct Exports {
    office: Office,
    threads: Arc<Threads>,
}

impl Exports {
    /// Over this office, on threads of its own: an export takes as long as its reader.
    #[must_use]
    pub fn new(office: Office, threads: Arc<Threads>) -> Self {
        Self { office, threads }
    }

    /// Reads the first students, and journals the export before any of them leaves. Who registers later is
    /// not part of it.
    ///
    /// # Errors
    ///
    /// A search does not find everyone.
    pub async fn begin(
        &self,
        query: ExportQuery,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<Result<BegunExport, Incomplete>, DeskError> {
        let ExportQuery { roster, format } = query;
        let filter = roster.filter.clone();
        let first = move |desk: &mut dyn DeskTransaction| {
            let as_of = desk.newest_row()?;
            let filter = RosterFilter { as_of, ..roster.filter.clone() };
            let query =
                RosterQuery { filter, start: PageStart::First, limit: PAGE, ..roster.clone() };
            let page = desk.page(&query)?.unwrap_or_default();
            let is_whole = !page.is_cut && page.behind == 0;
            let (first, has_next) = with_tasks(desk, page)?;
            Ok(is_whole.then_some((query, first, has_next)))
        };
        let Some((query, first, has_next)) = self.office.list(&filter, first).await? else {
            return Ok(Err(Incomplete));
        };
        let detail = described(&filter, query.sort.as_str(), format);
        let entry = self.journal(Action::Exported, detail, caller, context).await?;
        Ok(Ok(BegunExport { query, first, has_next, entry }))
    }

    /// The first [`MOST_PRINTED`] students of a list, which the journal records.
    ///
    /// # Errors
    ///
    /// A search does not find everyone.
    pub async fn print(
        &self,
        roster: RosterQuery,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<Result<Printed, Incomplete>, DeskError> {
        let (filter, sort) = (roster.filter.clone(), roster.sort);
        let all = move |desk: &mut dyn DeskTransaction| printed(desk, &roster);
        let Some(printed) = self.office.list(&filter, all).await? else {
            return Ok(Err(Incomplete));
        };
        let mut detail = described(&filter, sort.as_str(), "paper");
        detail.insert("rows".to_owned(), printed.students.len().to_string());
        self.journal(Action::Printed, detail, caller, context).await?;
        Ok(Ok(printed))
    }

    /// Adds an entry about the caller.
    async fn journal(
        &self,
        action: Action,
        detail: Detail,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<JournalEntry, DeskError> {
        let subject = caller.actor().id().copied();
        let entry = JournalEntry::new(context.now, caller.actor(), action, subject);
        let entry = JournalEntry { trace_id: context.trace_id, detail, ..entry };
        let stored = entry.clone();
        let append = move |desk: &mut dyn DeskTransaction| {
            desk.append(&stored).map(Ok::<_, std::convert::Infallible>)
        };
        let Ok(()) = self.office.write(append).await?;
        Ok(entry)
    }

    /// Gives the students to `write`, page by page and then `None`, until it gives up, and returns their
    /// number. The end is journalled with it.
    ///
    /// # Errors
    ///
    /// The store gave no answer: the file is not whole.
    pub async fn run(
        &self,
        begun: BegunExport,
        write: impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp> + Send + 'static,
    ) -> Result<usize, DeskError> {
        let office = self.office.clone();
        let span = tracing::info_span!("export_students");
        let run = move || span.in_scope(|| run(&office, begun, write));
        Ok(self.threads.run(run).await??)
    }
}

fn run(
    office: &Office,
    begun: BegunExport,
    mut write_page: impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp>,
) -> Result<usize, RepositoryError> {
    let BegunExport { query, first, mut has_next, entry } = begun;
    let (mut students, mut count) = (first, 0);
    loop {
        let last =
            students.last().map(|(row, one)| Place { row: *row, version: one.record.version });
        let number = students.len();
        let page = students.into_iter().map(|(_, student)| student).collect();
        if write_page(Some(page)).is_err() {
            break;
        }
        count += number;
        let Some(last) = last.filter(|_| has_next) else {
            let _ = write_page(None);
            break;
        };
        let next = RosterQuery { start: PageStart::After(last), ..query.clone() };
        (students, has_next) = read(&*office.store, |desk| {
            let page = desk.page(&next)?;
            let page = page.ok_or_else(|| RepositoryError::unexpected("the list has changed"))?;
            with_tasks(desk, page)
        })?;
    }
    let ended =
        JournalEntry { action: Action::ExportEnded, ..entry }.with("rows", count.to_string());
    let Ok(()) =
        write(&*office.store, |desk| desk.append(&ended).map(Ok::<_, std::convert::Infallible>))?;
    Ok(count)
}

/// `None` where a search does not find everyone.
fn printed(
    desk: &mut dyn DeskTransaction,
    roster: &RosterQuery,
) -> Result<Option<Printed>, RepositoryError> {
    let mut printed = Printed { students: Vec::new(), has_more: true };
    let mut start = PageStart::First;
    while printed.has_more && printed.students.len() < MOST_PRINTED {
        let page = desk.page(&RosterQuery { start, limit: PAGE, ..roster.clone() })?;
        let page = page.unwrap_or_default();
        if page.is_cut || page.behind > 0 {
            return Ok(None);
        }
        printed.has_more = page.has_next;
        if let Some((row, record)) = page.students.last() {
            start = PageStart::After(Place { row: *row, version: record.version });
        }
        printed.students.extend(page.students.into_iter().map(|(_, record)| record));
    }
    Ok(Some(printed))
}

fn with_tasks(
    desk: &mut dyn DeskTransaction,
    page: RosterPage,
) -> Result<(Vec<(RowId, ExportedStudent)>, bool), RepositoryError> {
    let rows: Vec<_> = page.students.iter().map(|(row, _)| *row).collect();
    let tasks: std::collections::HashMap<_, _> = desk.count_tasks(&rows)?.into_iter().collect();
    let student = |(row, record): (RowId, StudentRecord)| {
        (row, ExportedStudent { record, tasks: tasks.get(&row).copied().unwrap_or_default() })
    };
    Ok((page.students.into_iter().map(student).collect(), page.has_next))
}

/// What the journal says of an export: a search term is personal data, and is not part of it.
fn described(filter: &RosterFilter, sort: &str, format: &str) -> Detail {
    let mut detail = Detail::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            detail.insert(name.to_owned(), value);
        }
    };
    let statuses: Vec<_> = filter.statuses.iter().map(|status| status.as_str()).collect();
    let sources: Vec<_> = filter.sources.iter().map(|source| source.as_str()).collect();
    add("format", format.to_owned());
    add("sort", sort.to_owned());
    add("status", statuses.join(","));
    add("source", sources.join(","));
    add("searched", if filter.words.words().is_empty() { "" } else { "yes" }.to_owned());
    add("missing", if filter.missing.is_some() { "yes" } else { "" }.to_owned());
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339());
    add("registered_from", time(filter.registered_from).unwrap_or_default());
    add("registered_to", time(filter.registered_to).unwrap_or_default());
    detail
}
