//! The port to stored students.

use chrono::{DateTime, Utc};

use crate::{RepositoryError, StudentId};

/// Reads stored students.
///
/// Synchronous, as the databases behind it are: a caller on an event loop moves the call to a
/// thread that may block.
pub trait StudentRepository: Send + Sync {
    /// When the student with this id registered, or `None` where there is no such student.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError>;
}
