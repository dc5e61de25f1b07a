//! The port to operations.

use chrono::{DateTime, Utc};
use registration_domain::{
    Operation, OperationId, OperationItem, OperationRepository, Outcome, RepositoryError, RowId,
    Skip,
};

use super::queries;
use crate::transaction::DieselTransaction;

impl OperationRepository for DieselTransaction<'_> {
    fn insert_operation(
        &mut self,
        operation: &Operation,
        items: &[OperationItem],
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::insert(connection, operation, items))
    }

    fn find_operation(&mut self, id: OperationId) -> Result<Option<Operation>, RepositoryError> {
        self.run(|connection| queries::find(connection, id))
    }

    fn lock_operation(&mut self, id: OperationId) -> Result<Option<Operation>, RepositoryError> {
        self.run(|connection| queries::lock(connection, id))
    }

    fn next_items(
        &mut self,
        id: OperationId,
    ) -> Result<(Vec<OperationItem>, bool), RepositoryError> {
        self.run(|connection| queries::next(connection, id))
    }

    fn keep_outcomes(
        &mut self,
        id: OperationId,
        outcomes: &[(RowId, Outcome)],
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::keep_outcomes(connection, id, outcomes))
    }

    fn finish_operation(
        &mut self,
        id: OperationId,
        now: DateTime<Utc>,
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::finish(connection, id, now))
    }

    fn count_outcomes(
        &mut self,
        id: OperationId,
    ) -> Result<Vec<(Option<Outcome>, usize)>, RepositoryError> {
        self.run(|connection| queries::count_outcomes(connection, id))
    }

    fn skipped_items(
        &mut self,
        id: OperationId,
        limit: usize,
    ) -> Result<Vec<(RowId, Skip)>, RepositoryError> {
        self.run(|connection| queries::skipped(connection, id, limit))
    }

    fn unfinished_operations(&mut self) -> Result<Vec<OperationId>, RepositoryError> {
        self.run(queries::unfinished)
    }
}
