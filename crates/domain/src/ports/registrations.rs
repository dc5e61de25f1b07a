//! The port that stores registrations.

use std::pin::Pin;

use chrono::{DateTime, Utc};

use crate::{NewRegistration, RepositoryError, Student};

/// The pending result of an insert.
pub type InsertFuture =
    Pin<Box<dyn Future<Output = Result<InsertOutcome, RepositoryError>> + Send>>;

/// Stores registrations, each e-mail address once.
pub trait RegistrationStore: Send + Sync {
    /// Stores a registration durably; the future resolves when that is done.
    ///
    /// `insert` is asynchronous so that a store can batch concurrent inserts; waiting holds no
    /// thread. Inserts are independent: one failure does not affect the rest of a batch. A student
    /// reported as [`InsertOutcome::Created`] survives a power cut. An error means that the store
    /// could not be asked, or that its answer is unknown: nothing may be acknowledged.
    ///
    /// A future that is dropped before the write begins cancels it; a write that has begun is
    /// finished.
    ///
    /// A key is stored with its student or not at all, so that filling the store with keys costs a
    /// registration each.
    fn insert(&self, registration: NewRegistration) -> InsertFuture;

    /// Deletes the keys of students registered before `cutoff` and returns their number. A key that is
    /// younger than its lifetime by the store's clock is kept: a step of this machine's clock deletes
    /// none.
    /// Synchronous: a caller on an event loop moves the call to a thread that may block.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn delete_expired_keys(&self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError>;
}

/// The result of [`RegistrationStore::insert`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertOutcome {
    /// Stored durably.
    Created,
    /// Not stored: a student with this e-mail address, in any case, exists.
    AlreadyRegistered,
    /// Not stored again: the request repeats the one that stored this student.
    Replayed(Student),
    /// Not stored: the key belongs to a different request.
    KeyReused,
}
