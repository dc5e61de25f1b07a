//! One connection of either kind, and its session set-up. r2d2 makes and checks them here.

use diesel::{
    Connection as _, IntoSql as _, RunQueryDsl as _,
    connection::{SimpleConnection as _, TransactionManager},
    sql_types::Integer,
};

use crate::DatabaseUrl;
#[cfg(feature = "sqlite")]
use crate::sqlite_file::{self, SqliteFile, SqliteFileError};

/// Strict SQL, UTC, and a bounded wait for another transaction's lock (seconds).
#[cfg(feature = "mysql")]
const MYSQL_SESSION: &str = "SET SESSION time_zone = '+00:00', \
     sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 2";

/// Readers beside a writer (WAL), every commit on disk before it is acknowledged (FULL), and a
/// bounded wait for another process's lock (milliseconds).
#[cfg(feature = "sqlite")]
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// A connection to either backend; Diesel compiles each query for both.
#[derive(diesel::MultiConnection)]
pub(crate) enum DatabaseConnection {
    #[cfg(feature = "mysql")]
    Mysql(diesel::MysqlConnection),
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}

/// A connection with its session set up.
pub(crate) struct Session {
    pub(crate) connection: DatabaseConnection,
    #[cfg(feature = "sqlite")]
    file: Option<SqliteFile>,
}

/// Why there is no connection, or why it is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Refused(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    File(#[from] SqliteFileError),
}

impl Session {
    /// Connects and sets the session up. Never creates an SQLite file.
    pub(crate) fn open(url: &DatabaseUrl) -> Result<Self, ConnectionError> {
        match url {
            #[cfg(feature = "mysql")]
            DatabaseUrl::Mysql(url) => {
                let mut connection = diesel::MysqlConnection::establish(url.as_str())?;
                connection.batch_execute(MYSQL_SESSION)?;
                Ok(Self {
                    connection: DatabaseConnection::Mysql(connection),
                    #[cfg(feature = "sqlite")]
                    file: None,
                })
            }
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(path) => {
                let file = Some(SqliteFile::open(path)?);
                let mut connection = diesel::SqliteConnection::establish(&sqlite_file::uri(path))?;
                connection.batch_execute(SQLITE_SESSION)?;
                Ok(Self { connection: DatabaseConnection::Sqlite(connection), file })
            }
            #[cfg(not(all(feature = "mysql", feature = "sqlite")))]
            _ => Err(diesel::ConnectionError::BadConnection("backend not built".into()).into()),
        }
    }

    /// Asks the database for a sign of life.
    pub(crate) fn ping(&mut self) -> Result<(), ConnectionError> {
        #[cfg(feature = "sqlite")]
        if let Some(file) = &self.file {
            file.check()?;
        }
        diesel::select(1.into_sql::<Integer>()).execute(&mut self.connection)?;
        Ok(())
    }
}

/// Makes sessions for the pool.
pub(crate) struct SessionManager(pub(crate) DatabaseUrl);

impl r2d2::ManageConnection for SessionManager {
    type Connection = Session;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Session, ConnectionError> {
        Session::open(&self.0)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), ConnectionError> {
        session.ping()
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        type Manager = <DatabaseConnection as diesel::Connection>::TransactionManager;
        std::thread::panicking() || Manager::is_broken_transaction_manager(&mut session.connection)
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use diesel::{QueryableByName, sql_types};

    use super::*;

    /// What was acknowledged must survive a power cut.
    #[test]
    fn sqlite_commits_reach_the_disk() {
        #[derive(QueryableByName, Debug, PartialEq)]
        struct Settings {
            #[diesel(sql_type = sql_types::Text)]
            journal_mode: String,
            #[diesel(sql_type = Integer)]
            synchronous: i32,
            #[diesel(sql_type = Integer)]
            foreign_keys: i32,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registration.db");
        sqlite_file::create(&path).unwrap();
        let mut session = Session::open(&DatabaseUrl::Sqlite(path)).unwrap();

        let settings: Settings = diesel::sql_query(
            "SELECT journal_mode, synchronous, foreign_keys \
             FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys",
        )
        .get_result(&mut session.connection)
        .unwrap();
        let full = 2;
        let expected = Settings { journal_mode: "wal".into(), synchronous: full, foreign_keys: 1 };
        assert_eq!(settings, expected);
    }
}
