//! The port to the journal within a transaction.

use registration_domain::{
    Action, JournalEntry, JournalQuery, JournalRepository, JournalRow, OperationId,
    RepositoryError, StudentId, Subject,
};

use crate::{
    journal::{latest, queries},
    transaction::DieselTransaction,
};

impl JournalRepository for DieselTransaction<'_> {
    fn append_all(&mut self, entries: &[JournalEntry]) -> Result<(), RepositoryError> {
        self.run(|connection| queries::append(connection, entries))
    }

    fn entries(&mut self, query: &JournalQuery) -> Result<Vec<JournalRow>, RepositoryError> {
        self.run(|connection| queries::load(connection, query))
    }

    fn count_entries(
        &mut self,
        operation: OperationId,
        action: Action,
    ) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::count(connection, operation, action))
    }

    fn changes(&mut self, students: &[StudentId]) -> Result<Vec<JournalEntry>, RepositoryError> {
        self.run(|connection| queries::changes(connection, students))
    }

    fn latest_changes(
        &mut self,
        limit: usize,
    ) -> Result<Vec<(JournalRow, usize)>, RepositoryError> {
        self.run(|connection| latest::changes(connection, limit))
    }

    fn last_entry(
        &mut self,
        subject: &Subject,
        action: Action,
    ) -> Result<Option<JournalRow>, RepositoryError> {
        self.run(|connection| queries::last(connection, subject, action))
    }
}
