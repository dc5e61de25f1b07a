//! A connection to either backend, set up, checked and traced.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

#[cfg(feature = "sqlite")]
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, IntoSql as _, QueryResult, RunQueryDsl as _, sql_types::Integer};
use registration_domain::RepositoryError;

#[cfg(feature = "mysql")]
use crate::connection::{mysql, opening};
#[cfg(feature = "sqlite")]
use crate::connection::{sqlite, sqlite_file::SqliteFile};
use crate::{
    connection::{
        instrumentation::StatementRecorder,
        watchdog::{SessionLimits, SessionWatch},
    },
    database_url::{DatabaseUrl, Location},
    error::{ConnectionError, Failure},
};

/// How long an answer of the server counts as a ping. A server that goes away within this time fails
/// the next query instead of the checkout.
const PING_TTL: Duration = Duration::from_secs(1);

/// A connection to either backend; Diesel compiles each query for both.
#[derive(diesel::MultiConnection)]
pub(crate) enum DatabaseConnection {
    #[cfg(feature = "mysql")]
    Mysql(diesel::MysqlConnection),
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}

/// Connections to the file of a session, of which none may outlive the file.
#[cfg(feature = "sqlite")]
pub(crate) trait FileSiblings: Send + Sync {
    /// Closes every connection, waiting for those in use, and runs `work` before another is opened.
    fn while_closed(&self, work: &mut dyn FnMut());
}

/// A connection with its session set up.
pub(crate) struct Session {
    pub(crate) connection: DatabaseConnection,
    recorder: StatementRecorder,
    /// Dropped behind the connection: until then it holds the socket.
    watch: Arc<SessionWatch>,
    limits: SessionLimits,
    /// When the server last answered; `None` after a failure.
    last_answer: Option<Instant>,
    #[cfg(feature = "sqlite")]
    file: Option<SqliteFile>,
    #[cfg(feature = "sqlite")]
    siblings: Option<Arc<dyn FileSiblings>>,
}

impl Session {
    /// Connects and sets the session up. Never creates an SQLite file.
    pub(crate) fn open(url: &DatabaseUrl, limits: SessionLimits) -> Result<Self, ConnectionError> {
        let recorder = StatementRecorder::new(url.target());
        let mut session = match &url.0 {
            #[cfg(feature = "mysql")]
            Location::Mysql(url) => {
                let (connection, socket) = opening::connect(url, limits)?;
                Self {
                    connection: DatabaseConnection::Mysql(connection),
                    recorder,
                    watch: Arc::new(SessionWatch::of(socket)),
                    limits,
                    last_answer: None,
                    #[cfg(feature = "sqlite")]
                    file: None,
                    #[cfg(feature = "sqlite")]
                    siblings: None,
                }
            }
            #[cfg(feature = "sqlite")]
            Location::Sqlite(path) => {
                let (connection, file) = sqlite::connect(path)?;
                let connection = DatabaseConnection::Sqlite(connection);
                let watch = Arc::default();
                Self {
                    connection,
                    recorder,
                    watch,
                    limits,
                    last_answer: None,
                    file: Some(file),
                    siblings: None,
                }
            }
            #[cfg(not(all(feature = "mysql", feature = "sqlite")))]
            _ => return Err(diesel::ConnectionError::BadConnection("not built".into()).into()),
        };
        // After connecting: the event of the connection attempt carries the URL with its password.
        let instrumentation = session.recorder.instrumentation(Arc::clone(&session.watch));
        session.connection.set_instrumentation(instrumentation);
        Ok(session)
    }

    /// This session beside others of its file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn beside(self, siblings: Arc<dyn FileSiblings>) -> Self {
        Self { siblings: Some(siblings), ..self }
    }

    /// Refuses every write from now on.
    #[cfg(feature = "sqlite")]
    pub(crate) fn set_query_only(&mut self) -> QueryResult<()> {
        self.connection.batch_execute("PRAGMA query_only = ON")
    }

    /// What a watchdog watches.
    pub(crate) fn watch(&self) -> &Arc<SessionWatch> {
        &self.watch
    }

    /// Runs `query`; each of its statements is timed and becomes a span. What a session does for
    /// itself, such as [`Session::ping`], is neither.
    pub(crate) fn traced<T, E>(
        &mut self,
        query: impl FnOnce(&mut DatabaseConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let recorder = self.recorder.clone();
        let (answer, failed) = recorder.record(|| self.untraced(query));
        if let Some(failed) = failed {
            let _waiting = self.watch.begin(self.limits.ping);
            failed.record_code(|| match &mut self.connection {
                #[cfg(feature = "mysql")]
                DatabaseConnection::Mysql(connection) => mysql::last_error(connection),
                // Diesel does not expose SQLite's error number.
                #[cfg(feature = "sqlite")]
                DatabaseConnection::Sqlite(_) => None,
            });
        }
        answer
    }

    /// As [`Session::traced`] or [`Session::untraced`].
    pub(crate) fn traced_if<T, E>(
        &mut self,
        is_traced: bool,
        query: impl FnOnce(&mut DatabaseConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        if is_traced { self.traced(query) } else { self.untraced(query) }
    }

    /// Runs `query` without spans and timings.
    pub(crate) fn untraced<T, E>(
        &mut self,
        query: impl FnOnce(&mut DatabaseConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let waiting = self.watch.begin(self.limits.statement);
        let answer = query(&mut self.connection);
        drop(waiting);
        self.last_answer = answer.is_ok().then(Instant::now);
        answer
    }

    /// Runs `query`, which only reads. Where a node of a cluster finds nothing, reads once more after
    /// the node has applied what the other nodes have committed.
    pub(crate) fn traced_find<T>(
        &mut self,
        query: impl Fn(&mut DatabaseConnection) -> QueryResult<Option<T>>,
    ) -> QueryResult<Option<T>> {
        let found = self.traced(&query)?;
        #[cfg(feature = "mysql")]
        if found.is_none() && self.set_causal_reads(true)? {
            let found = self.traced(&query);
            // Where this fails, the connection has failed.
            let reset = self.set_causal_reads(false);
            return found.and_then(|found| reset.map(|_| found));
        }
        Ok(found)
    }

    /// This session, whose reads wait for the other nodes' commits.
    #[cfg(feature = "mysql")]
    pub(crate) fn with_causal_reads(mut self) -> QueryResult<Self> {
        self.set_causal_reads(true)?;
        Ok(self)
    }

    /// Makes reads wait for the other nodes' commits, or not. Returns whether there are other nodes.
    #[cfg(feature = "mysql")]
    fn set_causal_reads(&mut self, on: bool) -> QueryResult<bool> {
        let _waiting = self.watch.begin(self.limits.statement);
        match &mut self.connection {
            DatabaseConnection::Mysql(connection) => {
                let clustered = mysql::is_clustered(connection)?;
                if clustered {
                    mysql::set_causal_reads(connection, on)?;
                }
                Ok(clustered)
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(_) => Ok(false),
        }
    }

    /// The recorder of this session's statements.
    pub(crate) fn recorder(&self) -> StatementRecorder {
        self.recorder.clone()
    }

    /// The domain's error for a failure; pings where the failure alone does not say whether the
    /// connection still works.
    pub(crate) fn repository_error(&mut self, failure: impl Into<Failure>) -> RepositoryError {
        failure.into().into_repository_error(|| self.ping().is_ok())
    }

    /// Whether the server has not answered on this connection since `time`. SQLite has no server.
    pub(crate) fn is_silent_since(&self, time: Instant) -> bool {
        self.is_server() && self.last_answer.is_some_and(|last_answer| last_answer < time)
    }

    fn is_server(&self) -> bool {
        match &self.connection {
            #[cfg(feature = "mysql")]
            DatabaseConnection::Mysql(_) => true,
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(_) => false,
        }
    }

    /// Checks out: pings unless the server has just answered. An SQLite file is always checked, which
    /// takes two system calls.
    pub(crate) fn check(&mut self) -> Result<(), ConnectionError> {
        match self.last_answer {
            Some(last_answer) if self.is_server() && last_answer.elapsed() < PING_TTL => Ok(()),
            _ => self.ping(),
        }
    }

    /// Checks that the server answers, or that the SQLite file is still the same.
    pub(crate) fn ping(&mut self) -> Result<(), ConnectionError> {
        #[cfg(feature = "sqlite")]
        if let Some(file) = &mut self.file {
            let Err(changed) = file.check() else { return Ok(()) };
            // Closed before the pool opens another connection: two connections with different logs
            // would share one index of them, which corrupts both. The last to be closed saves its log.
            let mut placeholder =
                Some(DatabaseConnection::Sqlite(sqlite::placeholder_connection()?));
            let connection = &mut self.connection;
            let mut close = || {
                if let Some(placeholder) = placeholder.take() {
                    *connection = placeholder;
                }
            };
            match &self.siblings {
                Some(siblings) => siblings.while_closed(&mut close),
                None => close(),
            }
            return Err(changed.into());
        }
        self.last_answer = None;
        let _waiting = self.watch.begin(self.limits.ping);
        diesel::select(1.into_sql::<Integer>()).execute(&mut self.connection)?;
        self.last_answer = Some(Instant::now());
        Ok(())
    }
}
