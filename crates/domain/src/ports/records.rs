//! The ports to students as the office works with them. Every method fails where the store gives no
//! answer.

use std::collections::HashSet;

use crate::{
    CappedCount, Note, RepositoryError, RosterFilter, RosterPage, RosterQuery, RowId, Salt, Sort,
    StaffId, Status, StudentId, StudentInsert, StudentRecord,
};

/// Single students.
pub trait StudentRecords {
    /// The student with this id.
    fn find_record(&mut self, id: StudentId) -> Result<Option<StudentRecord>, RepositoryError>;

    /// Locks the student with this id until the end of the transaction, which must be one that writes,
    /// and returns its latest state: another transaction may have changed or erased it since this one
    /// began.
    fn lock_record(&mut self, id: StudentId) -> Result<Option<StudentRecord>, RepositoryError>;

    /// The student with this address, in lower case.
    fn find_by_email(&mut self, email_key: &str) -> Result<Option<StudentId>, RepositoryError>;

    /// The students with these addresses, in lower case, each with its row. Locks nothing.
    fn find_by_emails(
        &mut self,
        email_keys: &[String],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError>;

    /// Inserts students, with their words, and returns their rows, in their order. A conflict where one
    /// of the addresses is taken.
    fn insert_records(&mut self, records: &[StudentRecord]) -> Result<Vec<RowId>, RepositoryError>;

    /// Inserts a student, with its words.
    fn insert_record(&mut self, record: &StudentRecord) -> Result<StudentInsert, RepositoryError>;

    /// Replaces a student by its next version, keeps what it was as a revision, and brings its words
    /// up to date.
    fn update_record(
        &mut self,
        before: &StudentRecord,
        after: &StudentRecord,
    ) -> Result<RecordUpdate, RepositoryError>;

    /// The students with these ids, in no order, each with its row.
    fn find_records(
        &mut self,
        ids: &[StudentId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError>;

    /// The students in these rows, in no order.
    fn records_in(
        &mut self,
        rows: &[RowId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError>;

    /// Locks the students in these rows, as [`lock_record`](Self::lock_record) does, and returns them in
    /// no order.
    fn lock_records(
        &mut self,
        rows: &[RowId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError>;

    /// Replaces locked students by their next versions, which differ in the status alone.
    fn update_statuses(&mut self, after: &[(RowId, StudentRecord)]) -> Result<(), RepositoryError>;

    /// The salts of these students, in their order; each that has none gets its new one.
    fn salts(&mut self, new: &[(RowId, Salt)]) -> Result<Vec<Salt>, RepositoryError>;

    /// Adds the salts of students who have none.
    fn insert_salts(&mut self, new: &[(RowId, Salt)]) -> Result<(), RepositoryError>;

    /// The student's salt, which `new` becomes where it has none.
    fn salt(&mut self, id: StudentId, new: Salt) -> Result<Salt, RepositoryError>;

    /// Adds a note about a student.
    fn insert_note(
        &mut self,
        id: StudentId,
        author: Option<StaffId>,
        note: &Note,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), RepositoryError>;

    /// Adds the same note about each of these students.
    fn insert_notes(
        &mut self,
        rows: &[RowId],
        author: Option<StaffId>,
        note: &Note,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), RepositoryError>;

    /// Those of these students who have a note.
    fn with_notes(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError>;

    /// The notes about a student, the newest first.
    fn notes(&mut self, id: StudentId) -> Result<Vec<StoredNote>, RepositoryError>;

    /// The values of earlier versions, the newest first.
    fn revisions(&mut self, id: StudentId) -> Result<Vec<Revision>, RepositoryError>;

    /// Deletes these students with all dependent rows, and returns how many there were.
    fn erase_records(&mut self, ids: &[StudentId]) -> Result<usize, RepositoryError>;
}

/// The result of [`StudentRecords::update_record`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordUpdate {
    /// Replaced.
    Updated,
    /// The stored version is not the one before.
    Stale,
    /// Another student has the address.
    EmailTaken,
}

/// A note as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNote {
    /// Who wrote it; `None` for a program.
    pub author: Option<StaffId>,
    /// The text.
    pub note: Note,
    /// When it was written.
    pub at: chrono::DateTime<chrono::Utc>,
}

/// The values of an earlier version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version that had them.
    pub version: crate::Version,
    /// The values.
    pub texts: crate::PerField<String>,
    /// When they were replaced.
    pub replaced_at: chrono::DateTime<chrono::Utc>,
}

/// The list of students.
pub trait Roster {
    /// The row of the newest student; `None` where there are none.
    fn newest_row(&mut self) -> Result<Option<RowId>, RepositoryError>;

    /// A page of the list; `None` where it is sorted by name and the student at whose place it begins
    /// has been erased.
    fn page(&mut self, query: &RosterQuery) -> Result<Option<RosterPage>, RepositoryError>;

    /// The rows of the whole list, in order; `None` where a search does not find everyone, because its
    /// word is too frequent or the index is behind.
    fn rows(
        &mut self,
        filter: &RosterFilter,
        sort: Sort,
    ) -> Result<Option<Vec<RowId>>, RepositoryError>;

    /// How many students registered from each of these times to the next, by the times in their ids.
    fn count_registered(
        &mut self,
        times: &[chrono::DateTime<chrono::Utc>],
    ) -> Result<Vec<usize>, RepositoryError>;

    /// How many students there are, counted up to `limit`.
    fn count(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<CappedCount, RepositoryError>;

    /// How many students there are of each status, in the order of [`Status::ALL`], each counted up to
    /// `limit`. The statuses of the filter itself do not count.
    fn count_by_status(
        &mut self,
        filter: &RosterFilter,
        limit: usize,
    ) -> Result<Vec<(Status, CappedCount)>, RepositoryError>;
}
