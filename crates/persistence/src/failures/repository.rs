//! The port to the counts.

use chrono::{DateTime, Utc};
use registration_domain::{FailureCount, FailureRepository, RepositoryError};

use super::queries;
use crate::transaction::DieselTransaction;

impl FailureRepository for DieselTransaction<'_> {
    fn add_failures(&mut self, counts: &[FailureCount]) -> Result<(), RepositoryError> {
        self.run(|connection| counts.iter().try_for_each(|count| queries::add(connection, count)))
    }

    fn failures_since(
        &mut self,
        hour: DateTime<Utc>,
    ) -> Result<Vec<FailureCount>, RepositoryError> {
        self.run(|connection| queries::since(connection, hour))
    }

    fn delete_failures_before(&mut self, hour: DateTime<Utc>) -> Result<(), RepositoryError> {
        self.run(|connection| queries::delete_before(connection, hour))
    }
}
