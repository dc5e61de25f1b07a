//! The ports to the journal, its seals and the search index that is made from it. Every method fails
//! where the store gives no answer.

use chrono::{DateTime, Utc};

use crate::{Action, Actor, JournalEntry, OperationId, RepositoryError, Seal, StudentId, Subject};

/// The journal within a transaction.
pub trait JournalRepository {
    /// Adds an entry.
    fn append(&mut self, entry: &JournalEntry) -> Result<(), RepositoryError> {
        self.append_all(std::slice::from_ref(entry))
    }

    /// Adds entries.
    fn append_all(&mut self, entries: &[JournalEntry]) -> Result<(), RepositoryError>;

    /// Entries, the newest first.
    fn entries(&mut self, query: &JournalQuery) -> Result<Vec<JournalRow>, RepositoryError>;

    /// How many entries of an operation have this action.
    fn count_entries(
        &mut self,
        operation: OperationId,
        action: Action,
    ) -> Result<usize, RepositoryError>;

    /// The entries about these students that say what of them was changed, in no order.
    fn changes(&mut self, students: &[StudentId]) -> Result<Vec<JournalEntry>, RepositoryError>;

    /// The latest changes of students and their checklists by people of the office, `limit` of each at most,
    /// the newest first: of each operation its last entry, with the number of all of them. A long way
    /// back none is looked for.
    fn latest_changes(&mut self, limit: usize)
    -> Result<Vec<(JournalRow, usize)>, RepositoryError>;

    /// The newest entry about this subject with this action.
    fn last_entry(
        &mut self,
        subject: &Subject,
        action: Action,
    ) -> Result<Option<JournalRow>, RepositoryError>;
}

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalQuery {
    /// About this subject.
    pub subject: Option<Subject>,
    /// By this actor.
    pub actor: Option<Actor>,
    /// With this action.
    pub action: Option<Action>,
    /// Of this operation.
    pub operation: Option<OperationId>,
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// Before this entry.
    pub before: Option<i64>,
    /// Most entries.
    pub limit: usize,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Its number.
    pub id: i64,
    /// The entry.
    pub entry: JournalEntry,
    /// The number of the seal over it; `None` until it is sealed.
    pub seal: Option<i64>,
}

/// What keeps the journal behind the requests. Each call is one bounded step and blocks; several
/// instances may call it at once.
pub trait JournalKeeper: Send + Sync {
    /// Writes entries for registrations that have none, and returns their number.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn cover_registrations(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError>;

    /// As [`cover_registrations`](Self::cover_registrations), for all that are committed now: in a rush
    /// more are committed meanwhile.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn cover_all(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError>;

    /// Seals the entries that are committed and have no seal; `None` where there are none.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn seal(&self, now: DateTime<Utc>) -> Result<Option<Seal>, RepositoryError>;

    /// How many entries have no seal.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn unsealed(&self) -> Result<usize, RepositoryError>;
}

/// Adds registered students to the search index, in the order of the seals. Each call is one bounded
/// step and blocks; several instances may call it at once.
pub trait SearchProjector: Send + Sync {
    /// Indexes the students of the next sealed entry; `None` where every one is done.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn index_next(&self) -> Result<Option<usize>, RepositoryError>;

    /// How many sealed registrations are not indexed yet.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn lag(&self) -> Result<usize, RepositoryError>;
}
