//! The database as a whole: its pool of connections, its tables, its readiness.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use registration_domain::{Cause, InsertOutcome, RepositoryError, Unavailability};

#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "sqlite")]
use crate::sqlite;
use crate::{
    DatabaseUrl,
    connection::{DatabaseConnection, Session, SessionManager},
    database_url::Location,
    error::{self, ConnectionError},
    migrations,
    pool::{self, Waits},
    students,
};

/// How long a refused write keeps the database from being called ready: long enough for probes to
/// see it, short enough to find out soon whether it is over.
const REFUSAL_COUNTS: Duration = Duration::from_secs(10);

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
    pool: r2d2::Pool<SessionManager>,
    last_failure: LastFailure,
    refused_write: Arc<Mutex<Option<Instant>>>,
    waits: Waits,
}

impl Database {
    /// Opens a pool without waiting for the database: connections are made as they are needed, and
    /// made again when the database comes back.
    #[must_use]
    pub fn open(url: DatabaseUrl, options: PoolOptions) -> Self {
        let max_size = match &url.0 {
            Location::Sqlite(_) => 1,
            Location::Mysql(_) => options.max_size,
        };
        pool::set_size(max_size);
        let last_failure = LastFailure::default();
        let pool = r2d2::Pool::builder()
            .max_size(max_size)
            .min_idle(Some(1))
            .connection_timeout(options.timeout)
            .error_handler(Box::new(last_failure.clone()))
            .event_handler(Box::new(pool::Events))
            .build_unchecked(SessionManager(url));
        Self { pool, last_failure, refused_write: Arc::default(), waits: Waits::new() }
    }

    /// Opens every connection that the options allow, all at once, and returns how many there are:
    /// a server may allow fewer.
    ///
    /// # Errors
    ///
    /// What keeps one of them from being opened in time.
    pub fn fill_pool(&self) -> Result<u32, RepositoryError> {
        let size = self.pool.max_size();
        let sessions = (0..size).map(|_| self.session()).collect::<Result<Vec<_>, _>>()?;
        drop(sessions);
        Ok(size)
    }

    /// Stores a student and takes it back, to see whether this user may.
    ///
    /// # Errors
    ///
    /// It may not, or the tables are not there.
    pub fn try_write(&self) -> Result<(), RepositoryError> {
        let mut session = self.session()?;
        let tried = session.untraced(students::store_nobody);
        tried.map_err(|error| error::from_query(&error, || session.ping().is_ok()))
    }

    /// Whether the database can serve right now: reachable, writable and migrated.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    pub fn check_readiness(&self) -> Result<(), RepositoryError> {
        let refused = *locked(&self.refused_write);
        if refused.is_some_and(|refused| refused.elapsed() < REFUSAL_COUNTS) {
            let reason = Unavailability::DatabaseNotWritable;
            return Err(RepositoryError::Unavailable { reason, source: cause("a write failed") });
        }
        let mut session = self.session()?;
        let pending = session
            .untraced(migrations::any_pending)
            .map_err(|error| error::from_query(&error, || session.ping().is_ok()))?;
        if pending {
            let reason = Unavailability::MigrationsPending;
            return Err(RepositoryError::Unavailable { reason, source: cause("run migrate") });
        }
        check_writable(&mut session)
    }

    /// The most connections that may be open at once.
    pub(crate) fn size(&self) -> u32 {
        self.pool.max_size()
    }

    /// What is measured of those who wait for a connection.
    pub(crate) fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Why there is no connection for somebody who has waited for one as long as the options allow.
    pub(crate) fn why_no_connection(&self) -> Unavailability {
        self.last_failure.reason().unwrap_or(Unavailability::PoolExhausted)
    }

    /// How long a caller waits for a connection.
    pub(crate) fn timeout(&self) -> Duration {
        self.pool.connection_timeout()
    }

    /// Remembers whether the last write was refused. No question tells that a disk is full, or that
    /// a right was taken away: only a write does.
    pub(crate) fn remember_write(&self, outcome: &Result<InsertOutcome, RepositoryError>) {
        match outcome {
            Ok(InsertOutcome::Created) => *locked(&self.refused_write) = None,
            Err(RepositoryError::Unavailable {
                reason: Unavailability::DatabaseNotWritable,
                ..
            }) => *locked(&self.refused_write) = Some(Instant::now()),
            _ => {}
        }
    }

    /// Takes a connection from the pool, waiting as long as the options allow.
    pub(crate) fn session(
        &self,
    ) -> Result<r2d2::PooledConnection<SessionManager>, RepositoryError> {
        match self.pool.get() {
            Ok(session) => {
                self.last_failure.forget();
                Ok(session)
            }
            Err(error) => {
                let all_in_use = self.pool.state().connections >= self.pool.max_size();
                let reason = match self.last_failure.reason() {
                    _ if all_in_use => Unavailability::PoolExhausted,
                    Some(reason) => reason,
                    None => Unavailability::DatabaseUnreachable,
                };
                Err(RepositoryError::Unavailable { reason, source: Arc::new(error) })
            }
        }
    }
}

/// What a mutex guards. Nobody panics with one of these held, and what they hold would stay true.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error that is no more than a text.
pub(crate) fn cause(text: &'static str) -> Cause {
    Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(text))
}

/// Fails where the database answers but would refuse a write.
fn check_writable(session: &mut Session) -> Result<(), RepositoryError> {
    let answer = session.untraced(|connection| match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(connection) => mysql::is_writable(connection),
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(connection) => sqlite::is_writable(connection),
    });
    match answer {
        Ok(true) => Ok(()),
        Ok(false) => Err(RepositoryError::Unavailable {
            reason: Unavailability::DatabaseNotWritable,
            source: cause("the server is read-only"),
        }),
        Err(error) => Err(error::from_query(&error, || session.ping().is_ok())),
    }
}

/// Logs what keeps the pool from making connections, and remembers it for those who wait: the pool
/// itself keeps nothing but a text.
#[derive(Clone, Debug, Default)]
struct LastFailure(Arc<Mutex<Option<Unavailability>>>);

impl LastFailure {
    fn reason(&self) -> Option<Unavailability> {
        *locked(&self.0)
    }

    fn forget(&self) {
        *locked(&self.0) = None;
    }
}

impl r2d2::HandleError<ConnectionError> for LastFailure {
    fn handle_error(&self, error: ConnectionError) {
        if matches!(error, ConnectionError::Query(_)) {
            // A server closes idle connections every night; the pool makes another.
            tracing::debug!(error = %error, "A pooled connection was lost");
            return;
        }
        let reason = error::of_connection(&error);
        let before = locked(&self.0).replace(reason);
        // The pool tries again and again: one line an outage, and one when its reason changes.
        if before == Some(reason) {
            tracing::debug!(error = %error, "Still cannot connect to the database");
        } else {
            tracing::warn!(error = %error, "Cannot connect to the database");
        }
    }
}
