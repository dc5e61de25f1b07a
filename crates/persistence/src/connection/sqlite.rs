//! Sessions on SQLite: set-up, the lock around migrations, and whether the file accepts writes.

use std::{path::Path, time::Duration};

use diesel::{
    Connection as _, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _, sql_types,
};

use crate::{
    connection::sqlite_file::{self, SqliteFile},
    error::{ConnectionError, MigrationError},
};

/// Readers beside a writer (WAL), every commit on disk before it is acknowledged (FULL), deleted
/// content overwritten, and a bounded wait for another process's lock (milliseconds).
const SESSION: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON";

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

/// The settings of this connection with which SQLite loses commits in a power cut. A file system
/// without shared memory keeps the journal that it had, whatever was asked for.
pub(crate) fn weak_settings(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    const FULL: i32 = 2;
    let Settings { journal_mode, synchronous, .. } = settings(connection)?;
    let mut weak = Vec::new();
    if journal_mode != "wal" {
        weak.push(format!("journal_mode is {journal_mode}, not wal"));
    }
    if synchronous < FULL {
        weak.push(format!("synchronous is {synchronous}, not 2 (FULL)"));
    }
    Ok(weak)
}

#[derive(QueryableByName, Debug, PartialEq)]
struct Settings {
    #[diesel(sql_type = sql_types::Text)]
    journal_mode: String,
    #[diesel(sql_type = sql_types::Integer)]
    synchronous: i32,
    #[diesel(sql_type = sql_types::Integer)]
    foreign_keys: i32,
    #[diesel(sql_type = sql_types::Integer)]
    secure_delete: i32,
}

fn settings(connection: &mut SqliteConnection) -> QueryResult<Settings> {
    let settings = diesel::sql_query(
        "SELECT journal_mode, synchronous, foreign_keys, secure_delete FROM pragma_journal_mode, \
         pragma_synchronous, pragma_foreign_keys, pragma_secure_delete",
    );
    settings.get_result(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Acknowledged registrations must survive a power cut.
    #[test]
    fn sqlite_commits_reach_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registration.db");
        let _lock = sqlite_file::create(&path).unwrap();
        let (mut connection, _) = connect(&path).unwrap();

        let full = 2;
        let expected = Settings {
            journal_mode: "wal".into(),
            synchronous: full,
            foreign_keys: 1,
            secure_delete: 1,
        };
        assert_eq!(settings(&mut connection).unwrap(), expected);
        assert_eq!(weak_settings(&mut connection).unwrap(), [""; 0]);
        connection
            .batch_execute("PRAGMA synchronous = NORMAL; PRAGMA journal_mode = DELETE")
            .unwrap();
        let weak = weak_settings(&mut connection).unwrap();
        assert_eq!(weak, ["journal_mode is delete, not wal", "synchronous is 1, not 2 (FULL)"]);
    }
}
