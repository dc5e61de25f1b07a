//! The list.

use registration_domain::{CappedCount, RosterFilter, RosterPage, RosterQuery, Status};

use super::{super::DeskError, DeskStudents};

/// How far the students of a status are counted.
const COUNTED: usize = 1000;

/// A page of the list, with how many there are of each status.
#[derive(Clone, Debug)]
pub struct List {
    /// The page.
    pub page: RosterPage,
    /// The counts, where they were asked for.
    pub counts: Vec<StatusCount>,
}

/// How many students of a status the filter holds, other statuses left aside.
#[derive(Clone, Copy, Debug)]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// The number, up to 1,000.
    pub count: CappedCount,
}

impl DeskStudents {
    /// A page; `None` where the row at which it begins is not there any more.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    #[tracing::instrument(name = "list_students", skip_all)]
    pub async fn list(&self, query: RosterQuery) -> Result<Option<RosterPage>, DeskError> {
        self.office.read(move |desk| desk.page(&query)).await
    }

    /// A page with counts of each status.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn list_with_counts(&self, query: RosterQuery) -> Result<Option<List>, DeskError> {
        let filter = query.filter.clone();
        let Some(page) = self.list(query).await? else { return Ok(None) };
        let counts = self.office.read(move |desk| {
            let count = |status| {
                let filter = RosterFilter { statuses: vec![status], ..filter.clone() };
                Ok(StatusCount { status, count: desk.count(&filter, COUNTED)? })
            };
            Status::ALL.into_iter().map(count).collect()
        });
        Ok(Some(List { page, counts: counts.await? }))
    }

    /// How many students the filter holds, counted up to 1,000.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn count(&self, filter: RosterFilter) -> Result<CappedCount, DeskError> {
        self.office.read(move |desk| desk.count(&filter, COUNTED)).await
    }
}
