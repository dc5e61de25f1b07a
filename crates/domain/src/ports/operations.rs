//! The port to operations. Every method fails where the store gives no answer.

use chrono::{DateTime, Utc};

use crate::{Operation, OperationId, OperationItem, Outcome, RepositoryError, RowId, Skip};

/// Operations within a transaction.
pub trait OperationRepository {
    /// Adds an operation with its students, in their order.
    fn insert_operation(
        &mut self,
        operation: &Operation,
        items: &[OperationItem],
    ) -> Result<(), RepositoryError>;

    /// The operation with this id.
    fn find_operation(&mut self, id: OperationId) -> Result<Option<Operation>, RepositoryError>;

    /// Locks the operation with this id until the end of the transaction, and returns its latest state.
    fn lock_operation(&mut self, id: OperationId) -> Result<Option<Operation>, RepositoryError>;

    /// The next students without an outcome: as many as one transaction may change beside registrations.
    /// And whether they are the last.
    fn next_items(
        &mut self,
        id: OperationId,
    ) -> Result<(Vec<OperationItem>, bool), RepositoryError>;

    /// Keeps what became of these students.
    fn keep_outcomes(
        &mut self,
        id: OperationId,
        outcomes: &[(RowId, Outcome)],
    ) -> Result<(), RepositoryError>;

    /// Ends an operation. Students without an outcome get [`Skip::Stopped`], and its note, which its
    /// students have, is dropped.
    fn finish_operation(
        &mut self,
        id: OperationId,
        now: DateTime<Utc>,
    ) -> Result<(), RepositoryError>;

    /// How many of its students have each outcome; `None` is none yet.
    fn count_outcomes(
        &mut self,
        id: OperationId,
    ) -> Result<Vec<(Option<Outcome>, usize)>, RepositoryError>;

    /// The first students that were left as they were, up to `limit`, with the reason.
    fn skipped_items(
        &mut self,
        id: OperationId,
        limit: usize,
    ) -> Result<Vec<(RowId, Skip)>, RepositoryError>;

    /// The operations that are not finished, the oldest first.
    fn unfinished_operations(&mut self) -> Result<Vec<OperationId>, RepositoryError>;
}
