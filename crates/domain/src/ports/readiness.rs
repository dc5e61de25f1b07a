//! Whether the store can serve.

use crate::RepositoryError;

/// Reports whether the store can serve requests right now.
///
/// Synchronous, as the databases behind it are: a caller on an event loop moves the call to a
/// thread that may block.
pub trait Readiness: Send + Sync {
    /// Succeeds where the store is reachable, writable and migrated.
    ///
    /// # Errors
    ///
    /// The first condition that does not hold.
    fn check(&self) -> Result<(), RepositoryError>;

    /// Whether only a new process can use the store again, because everything that this one uses it
    /// with is stuck. Never so where the store merely cannot be reached. Does not block.
    fn is_stuck(&self) -> bool {
        false
    }

    /// The settings of the store with which a registration that was acknowledged can be lost in a power
    /// cut, each a clause for operators, such as `synchronous is 1, not 2 (FULL)`.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn weak_settings(&self) -> Result<Vec<String>, RepositoryError> {
        Ok(Vec::new())
    }
}
