//! What is SQLite's own: the session's set-up, migrations by one writer, whether it takes writes.

use std::{path::Path, sync::Arc, time::Duration};

use diesel::{Connection as _, QueryResult, SqliteConnection, connection::SimpleConnection as _};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use registration_domain::Cause;

use crate::{
    error::{ConnectionError, MigrationError},
    sqlite_file::{self, SqliteFile},
};

pub(crate) const MIGRATIONS: EmbeddedMigrations =
    embed_migrations!("../../database/migrations/sqlite");

/// Readers beside a writer (WAL), every commit on disk before it is acknowledged (FULL), and a
/// bounded wait for another process's lock (milliseconds).
const SESSION: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// Opens a file that is there already.
pub(crate) fn connect(path: &Path) -> Result<(SqliteConnection, SqliteFile), ConnectionError> {
    let file = SqliteFile::open(path)?;
    let mut connection = SqliteConnection::establish(&sqlite_file::uri(path))?;
    connection.batch_execute(SESSION)?;
    Ok((connection, file))
}

/// A connection to nothing that lasts, in place of one that has to be closed.
pub(crate) fn nowhere() -> Result<SqliteConnection, ConnectionError> {
    Ok(SqliteConnection::establish(":memory:")?)
}

/// Does `work` as the file's only user, in one transaction.
pub(crate) fn alone<T>(
    connection: &mut SqliteConnection,
    wait: Duration,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Cause>,
) -> Result<T, MigrationError> {
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = {}", wait.as_millis()))
        .map_err(|error| MigrationError::Failed(Arc::new(error)))?;
    connection
        .exclusive_transaction(|connection| Ok(work(connection)?))
        .map_err(|error: TransactionError| MigrationError::Failed(error.0))
}

/// Lets `?` carry both Diesel's errors and migrations' errors out of a transaction.
struct TransactionError(Cause);

impl From<Cause> for TransactionError {
    fn from(error: Cause) -> Self {
        Self(error)
    }
}

impl From<diesel::result::Error> for TransactionError {
    fn from(error: diesel::result::Error) -> Self {
        Self(Arc::new(error))
    }
}

/// Whether the file takes writes; an error says why not.
pub(crate) fn is_writable(connection: &mut SqliteConnection) -> QueryResult<bool> {
    connection.immediate_transaction(|_| Ok(true))
}

#[cfg(test)]
mod tests {
    use diesel::{QueryableByName, RunQueryDsl as _, sql_types};

    use super::*;

    /// What was acknowledged must survive a power cut.
    #[test]
    fn sqlite_commits_reach_the_disk() {
        #[derive(QueryableByName, Debug, PartialEq)]
        struct Settings {
            #[diesel(sql_type = sql_types::Text)]
            journal_mode: String,
            #[diesel(sql_type = sql_types::Integer)]
            synchronous: i32,
            #[diesel(sql_type = sql_types::Integer)]
            foreign_keys: i32,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registration.db");
        let _alone = sqlite_file::create(&path).unwrap();
        let (mut connection, _) = connect(&path).unwrap();

        let settings: Settings = diesel::sql_query(
            "SELECT journal_mode, synchronous, foreign_keys \
             FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys",
        )
        .get_result(&mut connection)
        .unwrap();
        let full = 2;
        let expected = Settings { journal_mode: "wal".into(), synchronous: full, foreign_keys: 1 };
        assert_eq!(settings, expected);
    }
}
