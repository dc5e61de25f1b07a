//! The only match on Diesel's and r2d2's errors: from database words to domain words.

use std::sync::Arc;

use diesel::result::{DatabaseErrorKind as Kind, Error};
use registration_domain::{Cause, RepositoryError, Unavailability};

use crate::DatabaseUrl;
#[cfg(feature = "sqlite")]
use crate::sqlite_file::SqliteFileError;

/// Why there is no connection, or why it is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Refused(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Query(#[from] Error),
    #[cfg(feature = "mysql")]
    #[error("the URL names certificates, but the connection is not encrypted")]
    NotEncrypted,
    #[cfg(feature = "mysql")]
    #[error(
        "this version of MariaDB's client library (libmariadb) reads every text as an empty one: \
         install a newer one"
    )]
    LosesTexts,
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    File(#[from] SqliteFileError),
}

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No connection, or no file.
    #[error("cannot open the database at {url}")]
    Open {
        /// Where it should be, without user and password.
        url: DatabaseUrl,
        /// The error below.
        #[source]
        source: Cause,
    },
    /// Another instance has been migrating for too long.
    #[error("another instance has held the migration lock for too long")]
    Locked,
    /// A migration, or the record of it, failed.
    #[error("a migration failed")]
    Failed(#[source] Cause),
}

/// What a message of the database says about its kind, where Diesel does not. The client
/// libraries' and the servers' English texts, which Diesel gives instead of their error numbers.
const MESSAGES: [(&str, Unavailability); 19] = [
    ("Deadlock found", Unavailability::Conflict),
    ("Lock wait timeout exceeded", Unavailability::Conflict),
    ("database is locked", Unavailability::Conflict),
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
    // A commit (1180) while a cluster's node loses the others; what goes before the brackets is not
    // what happened.
    ("provider status: Not connected to Primary", Unavailability::DatabaseUnreachable),
];

/// The numbers of the client library's own errors, which no server can be asked for; of conflicts,
/// after which the transaction is undone and no server knows them any more; and of a cluster's node that
/// answers nothing.
const KNOWN_CODES: [(&str, i64); 6] = [
    ("Lock wait timeout exceeded", 1205),
    ("Deadlock found", 1213),
    ("erver has gone away", 2006),
    ("Lost connection to server at", 2055),
    ("Lost connection", 2013),
    ("WSREP has not yet prepared node", 1047),
];

/// A database error without the values it may quote.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct QueryError(String);

/// Whether the database gave a write up in favour of another, so that it may be tried again.
pub(crate) fn is_conflict(error: &Error) -> bool {
    // SQLite has waited already (busy_timeout); only a server names a victim at once.
    unavailability(error) == Some(Unavailability::Conflict)
        && !matches!(error, Error::DatabaseError(_, info) if info.message().contains("is locked"))
}

/// Whether the database has waited for somebody else's lock, in vain.
pub(crate) fn is_lock_wait(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, info) if info.message().contains("Lock wait timeout"))
}

/// MySQL's number of an error, where the error itself tells: of those that the client library made
/// because the server did not answer, and of a duplicate, which happens every day.
pub(crate) fn known_code(error: &Error) -> Option<i64> {
    let Error::DatabaseError(kind, info) = error else { return None };
    if matches!(kind, Kind::UniqueViolation) {
        return Some(1062);
    }
    let found = KNOWN_CODES.iter().find(|(text, _)| info.message().contains(text));
    found.map(|(_, code)| *code)
}

/// An error of our own that says what the database does of two that get in each other's way.
pub(crate) fn conflict(message: &str) -> Error {
    Error::DatabaseError(Kind::SerializationFailure, Box::new(message.to_owned()))
}

/// Whether the error says that a unique column holds this value already.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(Kind::UniqueViolation, _))
}

/// Whether the error says that `key`, a unique column, holds this value already.
pub(crate) fn is_duplicate_of(error: &Error, key: &str) -> bool {
    matches!(error, Error::DatabaseError(Kind::UniqueViolation, info) if info.message().contains(key))
}

/// A failed query, in domain words. Asks whether the connection still lives where the error alone
/// does not tell.
pub(crate) fn from_query(error: &Error, is_alive: impl FnOnce() -> bool) -> RepositoryError {
    let reason = unavailability(error)
        .or_else(|| (!is_alive()).then_some(Unavailability::DatabaseUnreachable));
    let source = Arc::new(QueryError(without_values(&error.to_string())));
    match reason {
        Some(reason) => RepositoryError::Unavailable { reason, source },
        None => RepositoryError::Unexpected(source),
    }
}

/// Why a connection could not be had, in domain words.
pub(crate) fn of_connection(error: &ConnectionError) -> Unavailability {
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
        // Both failed, the commit and what Diesel then undoes: as where a cluster's node goes away.
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

/// `message` up to its first quotation mark: behind it servers quote values, which may hold
/// quotation marks of their own.
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
    fn some_errors_tell_their_number() {
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
    fn values_never_leave_with_the_message() {
        for (message, logged) in [
            ("Duplicate entry 'o'neil@example.org' for key 'email_key'", "Duplicate entry …"),
            ("Incorrect string value: 'Zo", "Incorrect string value: …"),
            ("no such table: students", "no such table: students"),
        ] {
            assert_eq!(without_values(message), logged);
        }
    }
}
