//! The database as a whole: its pool of connections, its tables, its readiness.

use std::time::Duration;

use registration_domain::{RepositoryError, Unavailability};

#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "sqlite")]
use crate::sqlite;
use crate::{
    DatabaseUrl,
    connection::{ConnectionError, DatabaseConnection, Session, SessionManager},
    error, migrations,
};

/// How many connections, and how long a caller may wait for one.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// The most connections that are open at once. SQLite, which has one writer at a time, gets
    /// one: a queue is fairer and faster than many connections that poll for its lock.
    pub max_size: u32,
    /// How long a caller waits for a connection before it is told that there is none.
    pub timeout: Duration,
}

/// A database and the pool of connections to it. Cheap to clone: clones share the pool.
#[derive(Clone)]
pub struct Database {
    url: DatabaseUrl,
    pool: r2d2::Pool<SessionManager>,
}

impl Database {
    /// Opens a pool without waiting for the database: connections are made as they are needed, and
    /// made again when the database comes back.
    #[must_use]
    pub fn open(url: DatabaseUrl, options: PoolOptions) -> Self {
        let max_size = match &url {
            DatabaseUrl::Sqlite(_) => 1,
            DatabaseUrl::Mysql(_) => options.max_size,
        };
        let pool = r2d2::Pool::builder()
            .max_size(max_size)
            .min_idle(Some(1))
            .connection_timeout(options.timeout)
            .error_handler(Box::new(LogConnectionErrors))
            .build_unchecked(SessionManager(url.clone()));
        Self { url, pool }
    }

    /// Whether the database can serve right now: reachable, writable and migrated.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    pub fn check_readiness(&self) -> Result<(), RepositoryError> {
        let mut session = self.session()?;
        let pending = migrations::any_pending(&mut session.connection)
            .map_err(|error| error::from_query(&error, &mut session))?;
        if pending {
            let reason = Unavailability::MigrationsPending;
            return Err(RepositoryError::Unavailable { reason, source: "run migrate".into() });
        }
        check_writable(&mut session)
    }

    /// Takes a connection from the pool, waiting as long as the options allow.
    pub(crate) fn session(
        &self,
    ) -> Result<r2d2::PooledConnection<SessionManager>, RepositoryError> {
        let _span = tracing::info_span!("create_db_connection").entered();
        self.pool.get().map_err(|error| self.no_session(error))
    }

    /// Why there is no connection: all in use, or none to be had.
    fn no_session(&self, error: r2d2::Error) -> RepositoryError {
        let all_in_use = self.pool.state().connections >= self.pool.max_size();
        if all_in_use {
            let reason = Unavailability::PoolExhausted;
            return RepositoryError::Unavailable { reason, source: error.into() };
        }
        // The pool keeps only the text of the last error; the database itself knows better.
        match Session::open(&self.url).and_then(|mut session| session.ping()) {
            Err(error) => error::from_connection(error),
            Ok(()) => RepositoryError::Unavailable {
                reason: Unavailability::DatabaseUnreachable,
                source: error.into(),
            },
        }
    }
}

/// Fails where the database answers but would refuse a write.
fn check_writable(session: &mut Session) -> Result<(), RepositoryError> {
    let answer = match &mut session.connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(connection) => mysql::is_writable(connection),
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(connection) => sqlite::is_writable(connection),
    };
    match answer {
        Ok(true) => Ok(()),
        Ok(false) => Err(RepositoryError::Unavailable {
            reason: Unavailability::DatabaseNotWritable,
            source: "the server is read-only".into(),
        }),
        Err(error) => Err(error::from_query(&error, session)),
    }
}

/// Logs what keeps the pool from making connections.
#[derive(Debug)]
struct LogConnectionErrors;

impl r2d2::HandleError<ConnectionError> for LogConnectionErrors {
    fn handle_error(&self, error: ConnectionError) {
        tracing::warn!(error = %error, "Cannot connect to the database");
    }
}
