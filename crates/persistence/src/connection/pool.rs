//! The pool of connections: r2d2 with this crate's sessions, metrics and reasons of failure.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use r2d2::PooledConnection;
use registration_domain::{RepositoryError, Unavailability};
use tracing::Span;

#[cfg(feature = "sqlite")]
use crate::connection::sqlite_readers::SqliteReaders;
use crate::{
    connection::{
        pool_metrics::{PoolEvents, PoolName, WaitMetrics},
        session::Session,
        watchdog::{SessionLimits, Watchdog},
    },
    database_url::{DatabaseUrl, Location},
    error::{self, ConnectionError},
    transaction,
};

/// The size of the pool and the time that a caller waits for a connection.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Maximum number of open connections. SQLite, which has one writer at a time, gets one: a queue
    /// is fairer and faster than many connections that poll for the file's lock.
    pub max_size: u32,
    /// How long a caller waits for a connection before it fails with
    /// [`Unavailability::PoolExhausted`].
    pub timeout: Duration,
    /// How long the database may take to answer a statement, two seconds at least: locks are waited
    /// for up to a second. Afterwards the connection is written off and replaced.
    pub statement_timeout: Duration,
}

/// How long a server may take to accept a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection on loan from the pool.
pub(crate) type PooledSession = PooledConnection<SessionManager>;

/// The pool of connections to one database. Clones share it.
#[derive(Clone)]
pub(crate) struct Pool {
    pool: r2d2::Pool<SessionManager>,
    #[cfg(feature = "sqlite")]
    readers: Arc<SqliteReaders>,
    last_failure: LastFailure,
    waits: WaitMetrics,
    watchdog: Arc<Watchdog>,
}

impl Pool {
    /// Opens a pool without waiting for the database: connections are opened when needed, and again
    /// when the database comes back.
    pub(crate) fn open(url: DatabaseUrl, options: PoolOptions, name: PoolName) -> Self {
        let max_size = match &url.0 {
            Location::Sqlite(_) => 1,
            Location::Mysql(_) => options.max_size,
        };
        name.set_max_size(max_size);
        let last_failure = LastFailure::default();
        let limits = SessionLimits {
            connect: options.statement_timeout.min(CONNECT_TIMEOUT),
            statement: options.statement_timeout,
            ping: options.timeout.min(options.statement_timeout),
        };
        let watchdog = Arc::new(Watchdog::start(name, limits));
        #[cfg(feature = "sqlite")]
        let readers = Arc::new(SqliteReaders::new(url.clone(), limits));
        let sessions = SessionManager {
            url,
            limits,
            #[cfg(feature = "mysql")]
            name,
            watchdog: Arc::clone(&watchdog),
            lost: Mutex::default(),
            #[cfg(feature = "sqlite")]
            readers: Arc::clone(&readers),
        };
        let pool = r2d2::Pool::builder()
            .max_size(max_size)
            .min_idle(Some(1))
            .connection_timeout(options.timeout)
            .error_handler(Box::new(last_failure.clone()))
            .event_handler(Box::new(PoolEvents(name)))
            .build_unchecked(sessions);
        Self {
            pool,
            #[cfg(feature = "sqlite")]
            readers,
            last_failure,
            waits: WaitMetrics::new(name),
            watchdog,
        }
    }

    /// Takes a connection, waiting as long as the options allow.
    pub(crate) fn session(&self) -> Result<PooledSession, RepositoryError> {
        match self.pool.get() {
            Ok(session) => {
                self.last_failure.clear();
                Ok(session)
            }
            Err(error) => {
                let all_in_use = self.pool.state().connections >= self.pool.max_size();
                let reason = match self.last_failure.reason() {
                    _ if all_in_use => Unavailability::PoolExhausted,
                    Some(reason) => reason,
                    None => Unavailability::DatabaseUnreachable,
                };
                Err(RepositoryError::unavailable(reason, error))
            }
        }
    }

    /// As [`Pool::session`]; the wait is measured and a child of the current span.
    pub(crate) fn traced_session(&self) -> Result<PooledSession, RepositoryError> {
        let wait = self.waits.begin(&Span::current());
        match self.session() {
            Ok(session) => {
                wait.connected();
                Ok(session)
            }
            Err(error) => {
                wait.failed(&error);
                Err(error)
            }
        }
    }

    /// The connections that only read beside the pool's own.
    #[cfg(feature = "sqlite")]
    pub(crate) fn readers(&self) -> &SqliteReaders {
        &self.readers
    }

    /// Maximum number of open connections.
    pub(crate) fn max_size(&self) -> u32 {
        self.pool.max_size()
    }

    /// Whether every connection is lost to a statement that does not return, although its connection
    /// was ended. Only a new process frees them.
    pub(crate) fn is_stuck(&self) -> bool {
        u32::try_from(self.watchdog.stuck()).is_ok_and(|stuck| stuck >= self.max_size())
    }

    /// How long a caller waits for a connection.
    pub(crate) fn timeout(&self) -> Duration {
        self.pool.connection_timeout()
    }

    /// The metrics of waits for a connection.
    pub(crate) fn waits(&self) -> &WaitMetrics {
        &self.waits
    }

    /// Why no connection became free within the timeout.
    pub(crate) fn timeout_reason(&self) -> Unavailability {
        self.last_failure.reason().unwrap_or(Unavailability::PoolExhausted)
    }
}

/// Opens and checks sessions for the pool.
pub(crate) struct SessionManager {
    url: DatabaseUrl,
    limits: SessionLimits,
    #[cfg(feature = "mysql")]
    name: PoolName,
    watchdog: Arc<Watchdog>,
    /// When a connection last did not answer a ping.
    lost: Mutex<Option<Instant>>,
    #[cfg(feature = "sqlite")]
    readers: Arc<SqliteReaders>,
}

impl r2d2::ManageConnection for SessionManager {
    type Connection = Session;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Session, ConnectionError> {
        let session = Session::open(&self.url, self.limits)?;
        #[cfg(feature = "sqlite")]
        let session = session.beside(Arc::<SqliteReaders>::clone(&self.readers));
        // What one node has stored, the desk finds on the next.
        #[cfg(feature = "mysql")]
        let session = match self.name {
            PoolName::DESK => session.with_causal_reads()?,
            _ => session,
        };
        self.watchdog.watch(session.watch());
        Ok(session)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), ConnectionError> {
        // What took one idle connection took those that were idle for longer: a ping of each would
        // wait for its limit, one after the other.
        if self.lost.lock().is_some_and(|lost| session.is_silent_since(lost)) {
            return Err(ConnectionError::Silent);
        }
        let checked = session.check();
        if session.watch().is_written_off() {
            *self.lost.lock() = Some(Instant::now());
        }
        checked
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        std::thread::panicking()
            || session.watch().is_written_off()
            || transaction::is_open(&mut session.connection)
    }
}

/// Logs why no connection could be opened, and keeps the reason: the pool itself keeps only a text.
#[derive(Clone, Debug, Default)]
struct LastFailure(Arc<Mutex<Option<Unavailability>>>);

impl LastFailure {
    fn reason(&self) -> Option<Unavailability> {
        *self.0.lock()
    }

    fn clear(&self) {
        *self.0.lock() = None;
    }
}

impl r2d2::HandleError<ConnectionError> for LastFailure {
    fn handle_error(&self, error: ConnectionError) {
        if matches!(error, ConnectionError::Query(_) | ConnectionError::Silent) {
            // Servers close idle connections; the pool opens another.
            tracing::debug!(error = %error, "Pooled connection lost");
            return;
        }
        let reason = error::connection_reason(&error);
        let before = self.0.lock().replace(reason);
        // The pool retries without end: one warning an outage, and one when its reason changes.
        if before == Some(reason) {
            tracing::debug!(error = %error, "Database connection failed again");
        } else {
            tracing::warn!(error = %error, "Database connection failed");
        }
    }
}
