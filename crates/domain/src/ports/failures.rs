//! The port to the errors of refused registrations, counted by hour. Every method fails where the store
//! gives no answer.

use chrono::{DateTime, Utc};

use crate::{FieldError, RepositoryError};

/// How often a field of refused registrations had an error, within the hour that begins at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// The beginning of the hour.
    pub hour: DateTime<Utc>,
    /// The field and its error.
    pub error: FieldError,
    /// How often.
    pub count: u64,
}

/// The counts.
pub trait FailureRepository {
    /// Adds to the counts.
    fn add_failures(&mut self, counts: &[FailureCount]) -> Result<(), RepositoryError>;

    /// The counts of this hour and of later ones, in no order.
    fn failures_since(&mut self, hour: DateTime<Utc>)
    -> Result<Vec<FailureCount>, RepositoryError>;

    /// Deletes the counts of the hours before this one.
    fn delete_failures_before(&mut self, hour: DateTime<Utc>) -> Result<(), RepositoryError>;
}
