//! The port to imports.

use chrono::{DateTime, Utc};
use registration_domain::{
    ClaimedLine, Import, ImportRepository, ImportRowQuery, OperationId, PlannedRow,
    RepositoryError, RowId, Verdict,
};

use super::{queries, row_queries};
use crate::transaction::DieselTransaction;

impl ImportRepository for DieselTransaction<'_> {
    fn insert_import(&mut self, import: &Import) -> Result<(), RepositoryError> {
        self.run(|connection| queries::insert(connection, import))
    }

    fn append_to_file(
        &mut self,
        id: OperationId,
        number: u32,
        part: &[u8],
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::append(connection, id, number, part))
    }

    fn import_file(&mut self, id: OperationId) -> Result<Vec<u8>, RepositoryError> {
        self.run(|connection| queries::file(connection, id))
    }

    fn file_size(&mut self, id: OperationId) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::file_size(connection, id))
    }

    fn delete_file(&mut self, id: OperationId) -> Result<(), RepositoryError> {
        self.run(|connection| queries::delete_file(connection, id))
    }

    fn find_import(&mut self, id: OperationId) -> Result<Option<Import>, RepositoryError> {
        self.run(|connection| queries::find(connection, id))
    }

    fn lock_import(&mut self, id: OperationId) -> Result<Option<Import>, RepositoryError> {
        self.run(|connection| queries::lock(connection, id))
    }

    fn update_import(&mut self, import: &Import) -> Result<(), RepositoryError> {
        self.run(|connection| queries::update(connection, import))
    }

    fn imports(&mut self, limit: usize) -> Result<Vec<Import>, RepositoryError> {
        self.run(|connection| queries::latest(connection, limit))
    }

    fn same_file(
        &mut self,
        id: OperationId,
        sha256: &[u8; 32],
    ) -> Result<Option<Import>, RepositoryError> {
        self.run(|connection| queries::same_file(connection, id, sha256))
    }

    fn unfinished_imports(&mut self) -> Result<Vec<OperationId>, RepositoryError> {
        self.run(queries::unfinished)
    }

    fn delete_import_rows(&mut self, id: OperationId) -> Result<bool, RepositoryError> {
        self.run(|connection| row_queries::delete_some(connection, id))
    }

    fn insert_import_rows(
        &mut self,
        id: OperationId,
        rows: &[PlannedRow],
    ) -> Result<(), RepositoryError> {
        self.run(|connection| row_queries::insert(connection, id, rows))
    }

    fn last_import_line(&mut self, id: OperationId) -> Result<Option<u32>, RepositoryError> {
        self.run(|connection| row_queries::last_line(connection, id))
    }

    fn claimed_lines(
        &mut self,
        id: OperationId,
        email_keys: &[String],
        students: &[RowId],
    ) -> Result<Vec<ClaimedLine>, RepositoryError> {
        self.run(|connection| row_queries::claimed(connection, id, email_keys, students))
    }

    fn import_rows(
        &mut self,
        id: OperationId,
        query: &ImportRowQuery,
    ) -> Result<Vec<PlannedRow>, RepositoryError> {
        self.run(|connection| row_queries::load(connection, id, query))
    }

    fn next_import_rows(
        &mut self,
        id: OperationId,
        after: u32,
        at_least: usize,
    ) -> Result<(Vec<PlannedRow>, bool), RepositoryError> {
        self.run(|connection| row_queries::next(connection, id, after, at_least))
    }

    fn keep_changed_rows(&mut self, id: OperationId, lines: &[u32]) -> Result<(), RepositoryError> {
        self.run(|connection| row_queries::keep_changed(connection, id, lines))
    }

    fn count_import_rows(
        &mut self,
        id: OperationId,
    ) -> Result<Vec<(Verdict, bool, usize)>, RepositoryError> {
        self.run(|connection| row_queries::count(connection, id))
    }

    fn delete_old_imports(&mut self, cutoff: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::delete_old(connection, cutoff))
    }
}
