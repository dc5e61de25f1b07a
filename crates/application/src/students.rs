//! Finding a registered student.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{RepositoryError, StudentId, StudentRepository};

use crate::blocking::{self, TimedOut};

/// Why a student could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The look-up took too long.
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
    /// The store gave no answer.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Finds students.
pub struct FindStudent {
    /// Where students are stored.
    pub students: Arc<dyn StudentRepository>,
    /// How long a look-up may take.
    pub timeout: Duration,
}

impl FindStudent {
    /// When a student registered; `None` where there is no such student.
    ///
    /// # Errors
    ///
    /// The look-up took too long, or the store gave no answer.
    pub async fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, FindError> {
        let students = Arc::clone(&self.students);
        Ok(blocking::run(self.timeout, move || students.registered_at(id)).await??)
    }
}
