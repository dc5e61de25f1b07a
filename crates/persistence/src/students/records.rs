//! The port to single students.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use registration_domain::{
    IndexedWords, Note, RecordUpdate, RepositoryError, Revision, Salt, StaffId, StoredNote,
    StudentId, StudentInsert, StudentRecord, StudentRecords,
};

use crate::{
    connection::session::DatabaseConnection,
    search::index::{self, IndexedStudent},
    students::{attachments, record},
    transaction::DieselTransaction,
};

impl DieselTransaction<'_> {
    /// Runs `query` with the row id of a student; the default where there is none.
    fn with_row<T: Default>(
        &mut self,
        id: StudentId,
        query: impl FnOnce(&mut DatabaseConnection, i64) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        self.run(|connection| match record::row_id(connection, id)? {
            Some(row_id) => query(connection, row_id),
            None => Ok(T::default()),
        })
    }
}

impl StudentRecords for DieselTransaction<'_> {
    fn find_record(&mut self, id: StudentId) -> Result<Option<StudentRecord>, RepositoryError> {
        self.run(|connection| {
            record::find(connection, id)?.map(record::RecordRow::record).transpose()
        })
    }

    fn lock_record(&mut self, id: StudentId) -> Result<Option<StudentRecord>, RepositoryError> {
        self.run(|connection| {
            record::lock(connection, id)?.map(record::RecordRow::record).transpose()
        })
    }

    fn find_by_email(&mut self, email_key: &str) -> Result<Option<StudentId>, RepositoryError> {
        self.run(|connection| record::find_by_email(connection, email_key))
    }

    fn insert_record(&mut self, record: &StudentRecord) -> Result<StudentInsert, RepositoryError> {
        self.run(|connection| {
            let inserted = record::insert(connection, record)?;
            if inserted == StudentInsert::Inserted {
                index_record(connection, record)?;
            }
            Ok(inserted)
        })
    }

    fn update_record(
        &mut self,
        before: &StudentRecord,
        after: &StudentRecord,
    ) -> Result<RecordUpdate, RepositoryError> {
        self.run(|connection| {
            let updated = record::update(connection, before, after)?;
            if updated != RecordUpdate::Updated {
                return Ok(updated);
            }
            if before.texts != after.texts
                && let Some(row_id) = record::row_id(connection, before.id)?
            {
                let replaced_at = after.updated_at.unwrap_or(after.created_at);
                attachments::insert_revision(connection, row_id, before, replaced_at)?;
            }
            index_record(connection, after)?;
            Ok(updated)
        })
    }

    fn salt(&mut self, id: StudentId, new: Salt) -> Result<Salt, RepositoryError> {
        self.run(|connection| match record::latest_row_id(connection, id)? {
            Some(row_id) => attachments::salt(connection, row_id, new),
            None => Ok(new),
        })
    }

    fn insert_note(
        &mut self,
        id: StudentId,
        author: Option<StaffId>,
        note: &Note,
        at: DateTime<Utc>,
    ) -> Result<(), RepositoryError> {
        self.run(|connection| match record::latest_row_id(connection, id)? {
            Some(row_id) => attachments::insert_note(connection, row_id, author, note, at),
            None => Ok(()),
        })
    }

    fn notes(&mut self, id: StudentId) -> Result<Vec<StoredNote>, RepositoryError> {
        self.with_row(id, attachments::notes)
    }

    fn revisions(&mut self, id: StudentId) -> Result<Vec<Revision>, RepositoryError> {
        self.with_row(id, attachments::revisions)
    }

    fn erase_record(&mut self, id: StudentId) -> Result<bool, RepositoryError> {
        self.run(|connection| attachments::erase(connection, id))
    }
}

/// Brings the search index up to date with a record that is stored.
fn index_record(connection: &mut DatabaseConnection, record: &StudentRecord) -> QueryResult<()> {
    let Some(student_id) = record::row_id(connection, record.id)? else { return Ok(()) };
    let words = IndexedWords::of(record.id, &record.texts);
    index::replace(connection, &IndexedStudent { student_id, status: record.status, words })
}
