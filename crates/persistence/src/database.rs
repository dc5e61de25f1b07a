//! A database: its pool of connections, and whether it can serve.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::gauge;
use parking_lot::Mutex;
use registration_domain::{InsertOutcome, Readiness, RepositoryError, Unavailability};

#[cfg(feature = "mysql")]
use crate::connection::mysql;
#[cfg(feature = "sqlite")]
use crate::connection::sqlite;
use crate::{
    connection::{
        pool::{Pool, PoolOptions, PooledSession},
        pool_metrics::PoolName,
        session::DatabaseConnection,
    },
    database_url::DatabaseUrl,
    migrations,
};

/// How long a rejected write makes the database unready: long enough for a probe to see it, short
/// enough to notice soon that writes work again.
const REJECTED_WRITE_TTL: Duration = Duration::from_secs(10);

/// A database and the pool of connections to it. Clones share the pool.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    rejected_write: Arc<Mutex<Option<Instant>>>,
}

impl Database {
    /// Opens a pool without waiting for the database: connections are opened when needed, and again
    /// when the database comes back.
    #[must_use]
    pub fn open(url: DatabaseUrl, options: PoolOptions) -> Self {
        Self {
            pool: Pool::open(url, options, PoolName::REGISTRATION),
            rejected_write: Arc::default(),
        }
    }

    /// Opens every connection that the options allow at once, and returns their number: a server may
    /// allow fewer.
    ///
    /// # Errors
    ///
    /// The reason why one of them could not be opened in time.
    pub fn fill_pool(&self) -> Result<u32, RepositoryError> {
        let size = self.pool.max_size();
        let sessions = (0..size).map(|_| self.session()).collect::<Result<Vec<_>, _>>()?;
        drop(sessions);
        Ok(size)
    }

    /// The pool of connections.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Takes a connection, waiting as long as the options allow.
    pub(crate) fn session(&self) -> Result<PooledSession, RepositoryError> {
        self.pool.session()
    }

    /// Keeps whether the last write was rejected: a full disk or a revoked grant shows only on a
    /// write.
    pub(crate) fn record_write_result(&self, result: &Result<InsertOutcome, RepositoryError>) {
        match result {
            Ok(InsertOutcome::Created) => *self.rejected_write.lock() = None,
            Err(RepositoryError::Unavailable {
                reason: Unavailability::DatabaseNotWritable,
                ..
            }) => *self.rejected_write.lock() = Some(Instant::now()),
            _ => {}
        }
    }
}

impl Readiness for Database {
    fn check(&self) -> Result<(), RepositoryError> {
        let rejected = *self.rejected_write.lock();
        if rejected.is_some_and(|rejected| rejected.elapsed() < REJECTED_WRITE_TTL) {
            return Err(not_writable("a write was rejected"));
        }
        let mut session = self.session()?;
        let pending = session
            .untraced(migrations::any_pending)
            .map_err(|error| session.repository_error(error))?;
        if pending {
            let reason = Unavailability::MigrationsPending;
            return Err(RepositoryError::unavailable(reason, "a migration has not been applied"));
        }
        let writable = session.untraced(|connection| match connection {
            #[cfg(feature = "mysql")]
            DatabaseConnection::Mysql(connection) => mysql::is_writable(connection),
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(connection) => sqlite::is_writable(connection),
        });
        match writable {
            Ok(true) => Ok(()),
            Ok(false) => Err(not_writable("the server is read-only")),
            Err(error) => Err(session.repository_error(error)),
        }
    }

    fn is_stuck(&self) -> bool {
        self.pool.is_stuck()
    }

    fn weak_settings(&self) -> Result<Vec<String>, RepositoryError> {
        let mut session = self.session()?;
        let weak = session
            .untraced(|connection| match connection {
                #[cfg(feature = "mysql")]
                DatabaseConnection::Mysql(connection) => mysql::weak_settings(connection),
                #[cfg(feature = "sqlite")]
                DatabaseConnection::Sqlite(connection) => sqlite::weak_settings(connection),
            })
            .map_err(|error| session.repository_error(error))?;
        gauge!("db_weak_durability_settings").set(weak.len() as f64);
        Ok(weak)
    }
}

fn not_writable(cause: &'static str) -> RepositoryError {
    RepositoryError::unavailable(Unavailability::DatabaseNotWritable, cause)
}
