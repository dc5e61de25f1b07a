//! The port to single students.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{QueryResult, result::Error};
use registration_domain::{
    IndexedWords, Note, RecordUpdate, RepositoryError, Revision, RowId, Salt, StaffId, StoredNote,
    StudentId, StudentInsert, StudentRecord, StudentRecords,
};

use crate::{
    connection::session::DatabaseConnection,
    search::index::{self, IndexedStudent, LOOKED_UP},
    students::{
        attachments, erasure,
        record::{self, RecordRow},
    },
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
        self.run(|connection| record::find(connection, id)?.map(RecordRow::record).transpose())
    }

    fn lock_record(&mut self, id: StudentId) -> Result<Option<StudentRecord>, RepositoryError> {
        self.run(|connection| record::lock(connection, id)?.map(RecordRow::record).transpose())
    }

    fn find_by_email(&mut self, email_key: &str) -> Result<Option<StudentId>, RepositoryError> {
        self.run(|connection| record::find_by_email(connection, email_key))
    }

    fn find_by_emails(
        &mut self,
        email_keys: &[String],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError> {
        self.run(|connection| {
            in_chunks(email_keys, |keys| record::find_by_emails(connection, keys))
        })
    }

    fn insert_records(&mut self, records: &[StudentRecord]) -> Result<Vec<RowId>, RepositoryError> {
        self.run(|connection| insert_records(connection, records))
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

    fn find_records(
        &mut self,
        ids: &[StudentId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError> {
        self.run(|connection| in_chunks(ids, |ids| record::find_by_ids(connection, ids)))
    }

    fn records_in(
        &mut self,
        rows: &[RowId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError> {
        let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
        self.run(|connection| in_chunks(&ids, |ids| record::find_all(connection, ids)))
    }

    fn lock_records(
        &mut self,
        rows: &[RowId],
    ) -> Result<Vec<(RowId, StudentRecord)>, RepositoryError> {
        let ids: Vec<_> = rows.iter().map(|RowId(id)| *id).collect();
        self.run(|connection| in_chunks(&ids, |ids| record::lock_all(connection, ids)))
    }

    fn update_statuses(&mut self, after: &[(RowId, StudentRecord)]) -> Result<(), RepositoryError> {
        self.run(|connection| update_statuses(connection, after))
    }

    fn salts(&mut self, new: &[(RowId, Salt)]) -> Result<Vec<Salt>, RepositoryError> {
        self.run(|connection| attachments::salts(connection, new))
    }

    fn insert_salts(&mut self, new: &[(RowId, Salt)]) -> Result<(), RepositoryError> {
        self.run(|connection| attachments::insert_salts(connection, new))
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
            Some(row_id) => {
                attachments::insert_notes(connection, &[RowId(row_id)], author, note, at)
            }
            None => Ok(()),
        })
    }

    fn insert_notes(
        &mut self,
        rows: &[RowId],
        author: Option<StaffId>,
        note: &Note,
        at: DateTime<Utc>,
    ) -> Result<(), RepositoryError> {
        self.run(|connection| attachments::insert_notes(connection, rows, author, note, at))
    }

    fn with_notes(&mut self, rows: &[RowId]) -> Result<HashSet<RowId>, RepositoryError> {
        self.run(|connection| attachments::with_notes(connection, rows))
    }

    fn notes(&mut self, id: StudentId) -> Result<Vec<StoredNote>, RepositoryError> {
        self.with_row(id, attachments::notes)
    }

    fn revisions(&mut self, id: StudentId) -> Result<Vec<Revision>, RepositoryError> {
        self.with_row(id, attachments::revisions)
    }

    fn erase_records(&mut self, ids: &[StudentId]) -> Result<usize, RepositoryError> {
        self.run(|connection| erasure::erase(connection, ids))
    }
}

/// The row id of a student, who is indexed then; `None` where there is none.
pub(crate) fn indexed_row(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<i64>> {
    let Some(row) = record::lock(connection, id)? else { return Ok(None) };
    let (row_id, record) = (row.id, row.record()?);
    index_record(connection, &record)?;
    Ok(Some(row_id))
}

/// Inserts students and their words, and returns their rows.
fn insert_records(
    connection: &mut DatabaseConnection,
    records: &[StudentRecord],
) -> QueryResult<Vec<RowId>> {
    record::insert_all(connection, records)?;
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    let mut rows = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        rows.extend(record::row_ids(connection, ids)?);
    }
    let rows: Option<Vec<_>> = ids.iter().map(|id| rows.get(id).copied()).collect();
    let rows = rows.ok_or(Error::NotFound)?;
    let students = records.iter().zip(&rows).map(|(record, RowId(student_id))| IndexedStudent {
        student_id: *student_id,
        status: record.status,
        words: IndexedWords::of(record.id, &record.texts),
    });
    index::insert(connection, &students.collect::<Vec<_>>())?;
    Ok(rows)
}

/// Reads the students of some ids by statements that servers look up row by row.
fn in_chunks<T>(
    ids: &[T],
    mut read: impl FnMut(&[T]) -> QueryResult<Vec<RecordRow>>,
) -> QueryResult<Vec<(RowId, StudentRecord)>> {
    let mut records = Vec::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        for row in read(ids)? {
            records.push((RowId(row.id), row.record()?));
        }
    }
    Ok(records)
}

/// Sets statuses by one statement for all students with the same, in the table and in the index.
fn update_statuses(
    connection: &mut DatabaseConnection,
    after: &[(RowId, StudentRecord)],
) -> QueryResult<()> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (row, record) in after {
        let updated_at = record.updated_at.unwrap_or(record.created_at);
        groups.entry((record.status, updated_at)).or_default().push((*row, record));
    }
    for ((status, updated_at), records) in groups {
        for records in records.chunks(LOOKED_UP) {
            let ids: Vec<_> = records.iter().map(|(RowId(id), _)| *id).collect();
            if record::update_statuses(connection, &ids, status, updated_at)? != ids.len() {
                return Err(Error::NotFound);
            }
            let missing = index::update_statuses(connection, &ids, status)?;
            let missing = records.iter().filter(|(RowId(id), _)| missing.contains(id));
            let students = missing.map(|(RowId(student_id), record)| IndexedStudent {
                student_id: *student_id,
                status,
                words: IndexedWords::of(record.id, &record.texts),
            });
            index::insert(connection, &students.collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

/// Brings the search index up to date with a record that is stored.
fn index_record(connection: &mut DatabaseConnection, record: &StudentRecord) -> QueryResult<()> {
    let Some(student_id) = record::row_id(connection, record.id)? else { return Ok(()) };
    let words = IndexedWords::of(record.id, &record.texts);
    index::replace(connection, &IndexedStudent { student_id, status: record.status, words })
}
