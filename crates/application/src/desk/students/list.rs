//! The list.

use std::collections::HashMap;

use registration_domain::{
    CappedCount, DeskTransaction, RosterFilter, RosterPage, RosterQuery, RowId, Status, TaskCount,
    TaskTemplate,
};
use tracing::Instrument as _;

use super::{super::DeskError, DeskStudents};

/// How far the students of a status are counted.
const COUNTED: usize = 1000;

/// How many items of the checklist students have, by row; those without any are left out.
pub type TaskCounts = HashMap<RowId, TaskCount>;

/// A page of the list, with how many there are of each status.
#[derive(Clone, Debug)]
pub struct List {
    /// The page.
    pub page: RosterPage,
    /// The items of its students.
    pub tasks: TaskCounts,
    /// The templates of the checklist.
    pub templates: Vec<TaskTemplate>,
    /// How many students each status has, other filters in force, up to 1,000.
    pub counts: Vec<(Status, CappedCount)>,
    /// The row of the newest student: the moment of the list.
    pub as_of: Option<RowId>,
}

impl DeskStudents {
    /// A page with the items of its students; `None` where the row at which it begins is not there any more.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn list(
        &self,
        query: RosterQuery,
    ) -> Result<Option<(RosterPage, TaskCounts)>, DeskError> {
        let span = if query.filter.words.words().is_empty() {
            tracing::info_span!("list_students")
        } else {
            tracing::info_span!("search_students")
        };
        let filter = query.filter.clone();
        let page = move |desk: &mut dyn DeskTransaction| {
            let Some(page) = desk.page(&query)? else { return Ok(None) };
            let rows: Vec<_> = page.students.iter().map(|(row, _)| *row).collect();
            let tasks = desk.count_tasks(&rows)?.into_iter().collect();
            Ok(Some((page, tasks)))
        };
        self.office.list(&filter, page).instrument(span).await
    }

    /// A page with counts of each status.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn list_with_counts(&self, query: RosterQuery) -> Result<Option<List>, DeskError> {
        let filter = query.filter.clone();
        let Some((page, tasks)) = self.list(query).await? else { return Ok(None) };
        let of = filter.clone();
        let count = move |desk: &mut dyn DeskTransaction| {
            Ok((desk.count_by_status(&of, COUNTED)?, desk.newest_row()?, desk.templates()?))
        };
        let (counts, as_of, templates) = self.office.list(&filter, count).await?;
        Ok(Some(List { page, tasks, templates, counts, as_of }))
    }

    /// How many students the filter holds, counted up to 1,000.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn count(&self, filter: RosterFilter) -> Result<CappedCount, DeskError> {
        let of = filter.clone();
        self.office.list(&filter, move |desk| desk.count(&of, COUNTED)).await
    }
}
