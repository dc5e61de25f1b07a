//! The port to the list of students.

use chrono::{DateTime, Utc};
use registration_domain::{
    CappedCount, RepositoryError, Roster, RosterFilter, RosterPage, RosterQuery, RowId, Sort,
    Status,
};

use super::{period, statuses};
use crate::{students::record, transaction::DieselTransaction};

impl Roster for DieselTransaction<'_> {
    fn newest_row(&mut self) -> Result<Option<RowId>, RepositoryError> {
        self.run(|connection| Ok(record::newest_row(connection)?.map(RowId)))
    }

    fn page(&mut self, query: &RosterQuery) -> Result<Option<RosterPage>, RepositoryError> {
        let newest = self.newest();
        self.run(|connection| super::page(connection, query, &newest))
    }

    fn rows(
        &mut self,
        filter: &RosterFilter,
        sort: Sort,
    ) -> Result<Option<Vec<RowId>>, RepositoryError> {
        let newest = self.newest();
        self.run(|connection| super::rows(connection, filter, sort, &newest))
    }

    fn count_registered(&mut self, times: &[DateTime<Utc>]) -> Result<Vec<usize>, RepositoryError> {
        self.run(|connection| period::count_between(connection, times))
    }

    fn count(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<CappedCount, RepositoryError> {
        let newest = self.newest();
        self.run(|connection| super::count(connection, filter, limit, &newest))
    }

    fn count_by_status(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<Vec<(Status, CappedCount)>, RepositoryError> {
        let newest = self.newest();
        self.run(|connection| statuses::count_by_status(connection, filter, limit, &newest))
    }
}
