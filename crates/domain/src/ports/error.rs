//! Why a store gave no answer, in terms of the domain.

use std::{error::Error, sync::Arc};

/// The error behind an error, for the log. Shared, because one outage answers many requests. Its
/// text must not hold personal data.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why the store gave no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The store cannot serve now and may do so later.
    #[error("the student store is unavailable: {reason}")]
    Unavailable {
        /// The condition that does not hold.
        reason: Unavailability,
        /// The error below.
        #[source]
        source: Cause,
    },
    /// A failure that no condition of the store explains.
    #[error("the student store failed")]
    Unexpected(#[source] Cause),
}

impl RepositoryError {
    /// The store cannot serve for this reason.
    pub fn unavailable(
        reason: Unavailability,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable { reason, source: Cause::from(source.into()) }
    }

    /// A failure that no condition of the store explains.
    pub fn unexpected(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(Cause::from(source.into()))
    }
}

/// The condition that keeps the store from serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unavailability {
    /// The database cannot be reached.
    #[error("database unreachable")]
    DatabaseUnreachable,
    /// No connection became free within the time that a caller may wait.
    #[error("connection pool exhausted")]
    PoolExhausted,
    /// The write queue is full.
    #[error("write queue full")]
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
