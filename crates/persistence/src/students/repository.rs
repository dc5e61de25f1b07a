//! The port to stored students.

use chrono::{DateTime, Utc};
use registration_domain::{RepositoryError, StudentId, StudentRepository};

use crate::{database::Database, students::queries};

/// The students of a database.
#[derive(Clone)]
pub struct Students(Database);

impl Students {
    /// The students of `database`, which must be migrated.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

impl StudentRepository for Students {
    #[tracing::instrument(name = "db_find_student", skip_all)]
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        let mut session = self.0.pool().traced_session()?;
        let created_at = session
            .traced_find(|connection| queries::registered_at(connection, id))
            .map_err(|error| session.repository_error(error))?;
        Ok(created_at.map(|created_at| created_at.and_utc()))
    }
}
