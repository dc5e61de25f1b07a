//! The port to imports. Every method fails where the store gives no answer.

use chrono::{DateTime, Utc};

use crate::{Import, OperationId, PlannedRow, RepositoryError, RowId, Verdict};

/// Imports within a transaction.
pub trait ImportRepository {
    /// Adds an import, as yet without its file.
    fn insert_import(&mut self, import: &Import) -> Result<(), RepositoryError>;

    /// Appends a part of the file, of at most [`MAX_FILE_PART`] bytes.
    fn append_to_file(
        &mut self,
        id: OperationId,
        number: u32,
        part: &[u8],
    ) -> Result<(), RepositoryError>;

    /// The file; empty where it is no longer kept.
    fn import_file(&mut self, id: OperationId) -> Result<Vec<u8>, RepositoryError>;

    /// How large the file is, in bytes.
    fn file_size(&mut self, id: OperationId) -> Result<usize, RepositoryError>;

    /// Deletes the file.
    fn delete_file(&mut self, id: OperationId) -> Result<(), RepositoryError>;

    /// The import with this id.
    fn find_import(&mut self, id: OperationId) -> Result<Option<Import>, RepositoryError>;

    /// Locks the import with this id until the end of the transaction, and returns its latest state.
    fn lock_import(&mut self, id: OperationId) -> Result<Option<Import>, RepositoryError>;

    /// Replaces what may change of an import: everything but the file, its time and its author.
    fn update_import(&mut self, import: &Import) -> Result<(), RepositoryError>;

    /// The latest imports, the newest first.
    fn imports(&mut self, limit: usize) -> Result<Vec<Import>, RepositoryError>;

    /// The latest other import of this file that came to its end.
    fn same_file(
        &mut self,
        id: OperationId,
        sha256: &[u8; 32],
    ) -> Result<Option<Import>, RepositoryError>;

    /// The imports with rows to be planned or stored, the oldest first.
    fn unfinished_imports(&mut self) -> Result<Vec<OperationId>, RepositoryError>;

    /// Deletes some of the rows of an import; whether none is left.
    fn delete_import_rows(&mut self, id: OperationId) -> Result<bool, RepositoryError>;

    /// Adds rows with their plans.
    fn insert_import_rows(
        &mut self,
        id: OperationId,
        rows: &[PlannedRow],
    ) -> Result<(), RepositoryError>;

    /// The line of the last row; `None` where there is none.
    fn last_import_line(&mut self, id: OperationId) -> Result<Option<u32>, RepositoryError>;

    /// The rows that are not left out and have one of these addresses, in lower case, or are about one of
    /// these students.
    fn claimed_lines(
        &mut self,
        id: OperationId,
        email_keys: &[String],
        students: &[RowId],
    ) -> Result<Vec<ClaimedLine>, RepositoryError>;

    /// The rows that a query finds, by their lines.
    fn import_rows(
        &mut self,
        id: OperationId,
        query: &ImportRowQuery,
    ) -> Result<Vec<PlannedRow>, RepositoryError>;

    /// The next rows that are to be stored, behind this line: as many as one transaction may store beside
    /// registrations, or `at_least`. And whether they are the last.
    fn next_import_rows(
        &mut self,
        id: OperationId,
        after: u32,
        at_least: usize,
    ) -> Result<(Vec<PlannedRow>, bool), RepositoryError>;

    /// Keeps that these rows are left alone, because what is stored has changed since the plan.
    fn keep_changed_rows(&mut self, id: OperationId, lines: &[u32]) -> Result<(), RepositoryError>;

    /// How many rows there are of each verdict, and whether they are left alone.
    fn count_import_rows(
        &mut self,
        id: OperationId,
    ) -> Result<Vec<(Verdict, bool, usize)>, RepositoryError>;

    /// Deletes some of the imports that were uploaded before `cutoff`; whether none is left.
    fn delete_old_imports(&mut self, cutoff: DateTime<Utc>) -> Result<bool, RepositoryError>;
}

/// Longest part of a file, in bytes: below the smallest packet that servers allow.
pub const MAX_FILE_PART: usize = 512 * 1024;

/// A row that is about a student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedLine {
    /// Its line.
    pub line: u32,
    /// The address of the row, or else of its student, in lower case.
    pub email_key: Option<String>,
    /// The student, where there is one as yet.
    pub student: Option<RowId>,
}

/// Which rows of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportRowQuery {
    /// Of this verdict.
    pub verdict: Option<Verdict>,
    /// Those that are, or will be, left out.
    pub is_left_out: bool,
    /// Behind this line.
    pub after: u32,
    /// At most.
    pub limit: usize,
}
