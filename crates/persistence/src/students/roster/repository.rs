//! The port to the list of students.

use registration_domain::{
    CappedCount, RepositoryError, Roster, RosterFilter, RosterPage, RosterQuery, Status,
};

use super::statuses;
use crate::{search::SearchLimits, transaction::DieselTransaction};

impl Roster for DieselTransaction<'_> {
    fn page(&mut self, query: &RosterQuery) -> Result<Option<RosterPage>, RepositoryError> {
        self.run(|connection| super::page(connection, query, SearchLimits::DESK))
    }

    fn count(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<CappedCount, RepositoryError> {
        self.run(|connection| super::count(connection, filter, limit, SearchLimits::DESK))
    }

    fn count_by_status(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<Vec<(Status, CappedCount)>, RepositoryError> {
        self.run(|connection| {
            statuses::count_by_status(connection, filter, limit, SearchLimits::DESK)
        })
    }
}
