//! What Diesel's errors mean for the domain, recognised by their texts and numbers.

use std::sync::Arc;

use diesel::result::{DatabaseErrorKind as Kind, Error};
use registration_domain::{Cause, RepositoryError, Unavailability};

#[cfg(feature = "sqlite")]
use crate::connection::sqlite_file::SqliteFileError;
use crate::database_url::DatabaseUrl;

/// Why a connection could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Refused(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Query(#[from] Error),
    #[error("the server has not been heard since before another connection was lost")]
    Silent,
    #[cfg(feature = "mysql")]
    #[error("the server did not answer within {} seconds", .0.as_secs_f64())]
    TimedOut(std::time::Duration),
    #[cfg(feature = "mysql")]
    #[error("the connection's socket cannot be found in /proc/self/fd")]
    UnknownSocket,
    #[cfg(feature = "mysql")]
    #[error("/proc/self/fd cannot be read")]
    Descriptors(#[from] std::io::Error),
    #[cfg(feature = "mysql")]
    #[error("the URL names certificates, but the connection is not encrypted")]
    NotEncrypted,
    #[cfg(feature = "mysql")]
    #[error(
        "this version of MariaDB's client library (libmariadb) returns every text as an empty \
         string: install a newer one"
    )]
    BrokenClientLibrary,
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    File(#[from] SqliteFileError),
}

/// Why the database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database, or the SQLite file, could not be opened.
    #[error("cannot open the database at {url}")]
    Open {
        /// Its address, shown without user and password.
        url: DatabaseUrl,
        /// The error below.
        #[source]
        source: Cause,
    },
    /// Another instance held the lock for too long.
    #[error("another instance has held the migration lock for too long")]
    Locked,
    /// A migration, or its record, failed.
    #[error("a migration failed")]
    Failed(#[source] Cause),
}

impl MigrationError {
    pub(crate) fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(Cause::from(source.into()))
    }
}

impl From<Error> for MigrationError {
    fn from(error: Error) -> Self {
        Self::failed(error)
    }
}

/// Why a write, or a unit of work, failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A statement failed.
    Query(Error),
    /// The work itself failed, in terms of the domain.
    Work(RepositoryError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl Failure {
    /// The domain's error; asks `is_alive` where the failure alone does not say whether the connection
    /// still works.
    pub(crate) fn into_repository_error(self, is_alive: impl FnOnce() -> bool) -> RepositoryError {
        match self {
            Self::Query(error) => repository_error(&error, is_alive),
            Self::Work(error) => error,
        }
    }
}

/// Parts of messages, and what they mean where Diesel's kind of error does not say it: the English
/// texts of the client libraries and servers, which Diesel reports instead of error numbers.
const MESSAGES: [(&str, Unavailability); 20] = [
    ("Deadlock found", Unavailability::Conflict),
    ("Lock wait timeout exceeded", Unavailability::Conflict),
    ("database is locked", Unavailability::Conflict),
    // MariaDB with innodb_snapshot_isolation.
    ("Record has changed since last read", Unavailability::Conflict),
    ("no such table", Unavailability::MigrationsPending),
    ("doesn't exist", Unavailability::MigrationsPending),
    ("readonly database", Unavailability::DatabaseNotWritable),
    ("read-only option", Unavailability::DatabaseNotWritable),
    ("command denied", Unavailability::DatabaseNotWritable),
    ("disk is full", Unavailability::DatabaseNotWritable),
    ("Disk full", Unavailability::DatabaseNotWritable),
    ("is full", Unavailability::DatabaseNotWritable),
    ("disk I/O error", Unavailability::DatabaseNotWritable),
    ("unable to open database file", Unavailability::DatabaseUnreachable),
    ("erver has gone away", Unavailability::DatabaseUnreachable),
    ("Lost connection", Unavailability::DatabaseUnreachable),
    ("shutdown in progress", Unavailability::DatabaseUnreachable),
    ("Connection was killed", Unavailability::DatabaseUnreachable),
    ("WSREP has not yet prepared node", Unavailability::DatabaseUnreachable),
    // A commit (1180) while a node loses its cluster; the text before the brackets misleads.
    ("provider status: Not connected to Primary", Unavailability::DatabaseUnreachable),
];

/// The numbers of errors that the server cannot be asked for: the client library's own; conflicts,
/// which the rollback has replaced; and those of a node outside its cluster, which answers nothing.
const KNOWN_CODES: [(&str, i64); 6] = [
    ("Lock wait timeout exceeded", 1205),
    ("Deadlock found", 1213),
    ("erver has gone away", 2006),
    ("Lost connection to server at", 2055),
    ("Lost connection", 2013),
    ("WSREP has not yet prepared node", 1047),
];

/// A database error without quoted values.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct QueryError(String);

/// Whether the database rolled a write back in favour of another, so that it may be retried.
pub(crate) fn is_conflict(error: &Error) -> bool {
    // SQLite has already waited (busy_timeout); only a server picks a victim at once.
    unavailability(error) == Some(Unavailability::Conflict)
        && !matches!(error, Error::DatabaseError(_, info) if info.message().contains("is locked"))
}

/// Whether a wait for another transaction's lock timed out.
pub(crate) fn is_lock_wait(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, info) if info.message().contains("Lock wait timeout"))
}

/// MySQL's number of an error, where the error itself shows it: one of [`KNOWN_CODES`], or a
/// duplicate, which is too frequent to ask the server for.
pub(crate) fn known_code(error: &Error) -> Option<i64> {
    let Error::DatabaseError(kind, info) = error else { return None };
    if matches!(kind, Kind::UniqueViolation) {
        return Some(1062);
    }
    let found = KNOWN_CODES.iter().find(|(text, _)| info.message().contains(text));
    found.map(|(_, code)| *code)
}

/// A conflict that this crate detects itself.
pub(crate) fn conflict(message: &str) -> Error {
    Error::DatabaseError(Kind::SerializationFailure, Box::new(message.to_owned()))
}

/// A conflict, where another transaction has inserted the same row or deleted the one that the row
/// refers to: the transaction begins again and finds so.
pub(crate) fn or_conflict(error: Error) -> Error {
    match error {
        Error::DatabaseError(Kind::UniqueViolation | Kind::ForeignKeyViolation, _) => {
            conflict("another transaction has changed the same row")
        }
        error => error,
    }
}

/// Whether the database answers, and rejects this row alone.
pub(crate) fn is_rejected_row(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(..)) && unavailability(error).is_none()
}

/// Whether a unique column holds the value already.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(Kind::UniqueViolation, _))
}

/// Whether the unique index of `column` holds the value already.
pub(crate) fn is_duplicate_of(error: &Error, column: &str) -> bool {
    matches!(error, Error::DatabaseError(Kind::UniqueViolation, info) if info.message().contains(column))
}

/// The domain's error for a failed query; asks `is_alive` where the error alone does not say whether
/// the connection still works.
pub(crate) fn repository_error(error: &Error, is_alive: impl FnOnce() -> bool) -> RepositoryError {
    let reason = unavailability(error)
        .or_else(|| (!is_alive()).then_some(Unavailability::DatabaseUnreachable));
    let source = Arc::new(QueryError(without_values(&error.to_string())));
    match reason {
        Some(reason) => RepositoryError::Unavailable { reason, source },
        None => RepositoryError::Unexpected(source),
    }
}

/// The domain's reason for a connection that could not be opened or used.
pub(crate) fn connection_reason(error: &ConnectionError) -> Unavailability {
    match error {
        #[cfg(feature = "sqlite")]
        ConnectionError::File(SqliteFileError::ReadOnly) => Unavailability::DatabaseNotWritable,
        ConnectionError::Query(error) => {
            unavailability(error).unwrap_or(Unavailability::DatabaseUnreachable)
        }
        _ => Unavailability::DatabaseUnreachable,
    }
}

fn unavailability(error: &Error) -> Option<Unavailability> {
    let (kind, info) = match error {
        Error::DatabaseError(kind, info) => (kind, info),
        Error::BrokenTransactionManager => return Some(Unavailability::DatabaseUnreachable),
        // The commit failed, and Diesel's rollback after it: a node has left its cluster.
        Error::RollbackErrorOnCommit { rollback_error, commit_error } => {
            return unavailability(rollback_error).or_else(|| unavailability(commit_error));
        }
        _ => return None,
    };
    match kind {
        Kind::SerializationFailure => Some(Unavailability::Conflict),
        Kind::ReadOnlyTransaction => Some(Unavailability::DatabaseNotWritable),
        Kind::ClosedConnection | Kind::UnableToSendCommand => {
            Some(Unavailability::DatabaseUnreachable)
        }
        Kind::Unknown => MESSAGES
            .iter()
            .find(|(text, _)| info.message().contains(text))
            .map(|(_, reason)| *reason),
        _ => None,
    }
}

/// `message` up to its first quotation mark: servers quote values behind it, and values may contain
/// quotation marks.
fn without_values(message: &str) -> String {
    match message.split_once('\'') {
        Some((before, _)) => format!("{before}…"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_errors_have_a_number() {
        let code = |kind, message: &str| {
            known_code(&Error::DatabaseError(kind, Box::new(message.to_owned())))
        };
        assert_eq!(code(Kind::UniqueViolation, "Duplicate entry"), Some(1062));
        for (message, number) in [
            ("Server has gone away", Some(2006)),
            ("MySQL server has gone away", Some(2006)),
            ("Lost connection to server during query", Some(2013)),
            ("Lost connection to server at 'reading', system error: 11", Some(2055)),
            ("Unknown column", None),
        ] {
            assert_eq!(code(Kind::Unknown, message), number, "{message}");
        }
    }

    #[test]
    fn a_node_that_leaves_its_cluster_is_unreachable() {
        let unknown =
            |message: &str| Error::DatabaseError(Kind::Unknown, Box::new(message.to_owned()));
        let not_ready = || unknown("WSREP has not yet prepared node for application use");
        let lost = || {
            unknown(
                "Error while appending streaming replication fragment\
                 (provider status: Not connected to Primary Component)",
            )
        };
        let both = |rollback: Error, commit: Error| Error::RollbackErrorOnCommit {
            rollback_error: Box::new(rollback),
            commit_error: Box::new(commit),
        };
        for error in [not_ready(), lost(), both(not_ready(), lost()), both(unknown("new"), lost())]
        {
            let reason = unavailability(&error);
            assert_eq!(reason, Some(Unavailability::DatabaseUnreachable), "{error}");
            assert!(!is_conflict(&error), "{error}");
        }
        assert_eq!(unavailability(&both(unknown("new"), unknown("new"))), None);
    }

    #[test]
    fn messages_are_logged_without_values() {
        for (message, logged) in [
            ("Duplicate entry 'o'neil@example.org' for key 'email_key'", "Duplicate entry …"),
            ("Incorrect string value: 'Zo", "Incorrect string value: …"),
            ("no such table: students", "no such table: students"),
        ] {
            assert_eq!(without_values(message), logged);
        }
    }
}
