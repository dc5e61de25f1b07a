//! The port to the journal within a transaction.

use registration_domain::{
    Action, JournalEntry, JournalQuery, JournalRepository, JournalRow, RepositoryError, Subject,
};

use crate::{journal::queries, transaction::DieselTransaction};

impl JournalRepository for DieselTransaction<'_> {
    fn append(&mut self, entry: &JournalEntry) -> Result<(), RepositoryError> {
        self.run(|connection| queries::append(connection, std::slice::from_ref(entry)))
    }

    fn entries(&mut self, query: &JournalQuery) -> Result<Vec<JournalRow>, RepositoryError> {
        self.run(|connection| queries::load(connection, query))
    }

    fn last_entry(
        &mut self,
        subject: &Subject,
        action: Action,
    ) -> Result<Option<JournalRow>, RepositoryError> {
        self.run(|connection| queries::last(connection, subject, action))
    }
}
