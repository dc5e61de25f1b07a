//! Sessions on SQLite: set-up, the lock around migrations, and whether the file accepts writes.

use std::{path::Path, time::Duration};

use diesel::{Connection as _, QueryResult, SqliteConnection, connection::SimpleConnection as _};

use crate::{
    connection::sqlite_file::{self, SqliteFile},
    error::{ConnectionError, MigrationError},
};

/// Readers beside a writer (WAL), every commit on disk before it is acknowledged (FULL), and a
/// bounded wait for another process's lock (milliseconds).
const SESSION: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// Opens an existing file.
pub(crate) fn connect(path: &Path) -> Result<(SqliteConnection, SqliteFile), ConnectionError> {
    let file = SqliteFile::open(path)?;
    let mut connection = SqliteConnection::establish(&sqlite_file::uri(path))?;
    connection.batch_execute(SESSION)?;
    Ok((connection, file))
}

/// A connection to an empty database in memory, in place of one that has to be closed.
pub(crate) fn placeholder_connection() -> Result<SqliteConnection, ConnectionError> {
    Ok(SqliteConnection::establish(":memory:")?)
}

/// Runs `work` in one transaction that excludes every other connection to the file.
pub(crate) fn with_exclusive_lock<T>(
    connection: &mut SqliteConnection,
    timeout: Duration,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = {}", timeout.as_millis()))
        .map_err(MigrationError::failed)?;
    connection.exclusive_transaction(work)
}

/// Whether the file accepts writes; an error says why not.
pub(crate) fn is_writable(connection: &mut SqliteConnection) -> QueryResult<bool> {
    connection.immediate_transaction(|_| Ok(true))
}

#[cfg(test)]
mod tests {
    use diesel::{QueryableByName, RunQueryDsl as _, sql_types};

    use super::*;

    /// Acknowledged registrations must survive a power cut.
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
        let _lock = sqlite_file::create(&path).unwrap();
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
