//! The port to storage, in domain words.

use std::{error::Error, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{IdempotencyKey, Student, StudentId};

/// The error behind an error, for the log. Shared, because one outage answers for many students.
/// Its text must not hold personal data.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// A student to be stored, and what the client calls this attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The student.
    pub student: Student,
    /// The same for every repetition of the attempt, if the client names it at all.
    pub key: Option<IdempotencyKey>,
}

/// The answer to an insert, when there is one.
pub type Insertion = Pin<Box<dyn Future<Output = Result<InsertOutcome, RepositoryError>> + Send>>;

/// Keeps students, each e-mail address once.
///
/// An insert is waited for without a thread, so that a store may gather those that come together.
/// Everything else is synchronous, as the databases behind it are: callers on an event loop move
/// such a call to a thread that may block.
pub trait StudentRepository: Send + Sync {
    /// Takes a student in, to be stored durably; the answer comes when that is done.
    ///
    /// Every student stands for itself: one who cannot be stored does not keep others out. Whoever
    /// is [`InsertOutcome::Created`] survives a power cut. An error means that the store could not be
    /// asked, or that its answer is not known: nothing may be acknowledged.
    ///
    /// Dropping the answer before the work has begun keeps it from ever beginning; work that has
    /// begun is finished.
    ///
    /// A key is stored with its student, both or neither, and never without one: whoever wants to
    /// fill the store with keys has to register for each.
    fn insert(&self, submission: Submission) -> Insertion;

    /// Forgets the keys of students registered before `limit` and returns how many there were.
    ///
    /// # Errors
    ///
    /// The store could not be asked.
    fn forget_keys(&self, limit: DateTime<Utc>) -> Result<usize, RepositoryError>;

    /// When the student with this id registered, or `None` where there is no such student.
    ///
    /// # Errors
    ///
    /// The store could not be asked.
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError>;
}

/// What became of one student handed to [`StudentRepository::insert`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertOutcome {
    /// Stored, durably.
    Created,
    /// Not stored: a student with this e-mail address, in any case, is there already.
    AlreadyRegistered,
    /// Not stored again: this student, with this key, is there already, as given here.
    Replayed(Student),
    /// Not stored: the key stands for another registration.
    KeyReused,
}

/// Why the store gave no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The store cannot serve now and may do so later; nobody's mistake.
    #[error("the student store is unavailable: {reason}")]
    Unavailable {
        /// What stands in the way.
        reason: Unavailability,
        /// The error below.
        #[source]
        source: Cause,
    },
    /// Something that should not happen.
    #[error("the student store failed")]
    Unexpected(#[source] Cause),
}

/// What keeps the store from serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unavailability {
    /// The database cannot be reached.
    #[error("database unreachable")]
    DatabaseUnreachable,
    /// Every connection stayed busy for as long as a caller may wait.
    #[error("connection pool exhausted")]
    PoolExhausted,
    /// So many wait to be stored that no more are taken in.
    #[error("too many registrations wait already")]
    Overloaded,
    /// The database answers but refuses to write: read-only or full.
    #[error("database not writable")]
    DatabaseNotWritable,
    /// The bounded retries of conflicting writes were used up.
    #[error("too many conflicting writes")]
    Conflict,
    /// The tables are not those that this program was built for.
    #[error("migrations pending")]
    MigrationsPending,
}

impl Unavailability {
    /// The name used in metrics and in readiness answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseUnreachable => "database_unreachable",
            Self::PoolExhausted => "pool_exhausted",
            Self::Overloaded => "overloaded",
            Self::DatabaseNotWritable => "database_not_writable",
            Self::Conflict => "conflict",
            Self::MigrationsPending => "migrations_pending",
        }
    }
}
