//! A connection of either kind; r2d2 makes and checks them here.

use std::time::{Duration, Instant};

use diesel::{
    Connection as _, IntoSql as _, QueryResult, RunQueryDsl as _, connection::TransactionManager,
    sql_types::Integer,
};

#[cfg(feature = "mysql")]
use crate::mysql;
use crate::{
    DatabaseUrl, database_url::Location, error::ConnectionError, instrumentation::Statements,
};
#[cfg(feature = "sqlite")]
use crate::{sqlite, sqlite_file::SqliteFile};

/// For how long a connection that has answered is not asked again whether it is there. A server that
/// goes away meanwhile fails those who come next, as it fails those who are under way.
const JUST_NOW: Duration = Duration::from_secs(1);

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
    statements: Statements,
    /// When the server last answered, unless it has failed since.
    answered: Option<Instant>,
    #[cfg(feature = "sqlite")]
    file: Option<SqliteFile>,
}

impl Session {
    /// Connects and sets the session up. Never creates an SQLite file.
    pub(crate) fn open(url: &DatabaseUrl) -> Result<Self, ConnectionError> {
        let statements = Statements::of(url.target());
        let mut session = match &url.0 {
            #[cfg(feature = "mysql")]
            Location::Mysql(url) => Self {
                connection: DatabaseConnection::Mysql(mysql::connect(url)?),
                statements,
                answered: None,
                #[cfg(feature = "sqlite")]
                file: None,
            },
            #[cfg(feature = "sqlite")]
            Location::Sqlite(path) => {
                let (connection, file) = sqlite::connect(path)?;
                let connection = DatabaseConnection::Sqlite(connection);
                Self { connection, statements, answered: None, file: Some(file) }
            }
            #[cfg(not(all(feature = "mysql", feature = "sqlite")))]
            _ => return Err(diesel::ConnectionError::BadConnection("not built".into()).into()),
        };
        // Only now: the event that a connection is being made carries the URL, password and all.
        session.connection.set_instrumentation(session.statements.listener());
        Ok(session)
    }

    /// Runs `query`: its statements are timed, and each is a span. What a session does for itself,
    /// such as [`Session::ping`], leaves no span and no timing.
    pub(crate) fn traced<T>(
        &mut self,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        self.statements.watch();
        let answer = self.untraced(query);
        if let Some(failed) = self.statements.unwatch() {
            failed.record_code(|| match &mut self.connection {
                #[cfg(feature = "mysql")]
                DatabaseConnection::Mysql(connection) => mysql::last_error(connection),
                // Diesel keeps SQLite's number to itself.
                #[cfg(feature = "sqlite")]
                DatabaseConnection::Sqlite(_) => None,
            });
        }
        answer
    }

    /// Runs `query`, of which nobody's trace tells.
    pub(crate) fn untraced<T>(
        &mut self,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let answer = query(&mut self.connection);
        self.answered = answer.is_ok().then(Instant::now);
        answer
    }

    /// Whether a server has answered so recently that it need not be asked. A file is always looked at:
    /// that costs next to nothing.
    fn answered_just_now(&self) -> bool {
        let is_server = match &self.connection {
            #[cfg(feature = "mysql")]
            DatabaseConnection::Mysql(_) => true,
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(_) => false,
        };
        is_server && self.answered.is_some_and(|answered| answered.elapsed() < JUST_NOW)
    }

    /// What is told of the statements of this session.
    pub(crate) fn statements(&self) -> Statements {
        self.statements.clone()
    }

    /// Runs `query`, which only reads; and where it finds nothing on a node of a cluster, once more
    /// when the node has stored what the others have committed before: it may be on its way.
    pub(crate) fn traced_find<T>(
        &mut self,
        query: impl Fn(&mut DatabaseConnection) -> QueryResult<Option<T>>,
    ) -> QueryResult<Option<T>> {
        let found = self.traced(&query)?;
        #[cfg(feature = "mysql")]
        if found.is_none() && self.wait_for_other_nodes(true)? {
            let found = self.traced(&query);
            // Where this fails, so has the connection.
            let reset = self.wait_for_other_nodes(false);
            return found.and_then(|found| reset.map(|_| found));
        }
        Ok(found)
    }

    /// Makes reads wait for the other nodes of a cluster, or no longer; no, where there is none.
    #[cfg(feature = "mysql")]
    fn wait_for_other_nodes(&mut self, wait: bool) -> QueryResult<bool> {
        match &mut self.connection {
            DatabaseConnection::Mysql(connection) => {
                let clustered = mysql::is_clustered(connection)?;
                if clustered {
                    mysql::wait_for_other_nodes(connection, wait)?;
                }
                Ok(clustered)
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(_) => Ok(false),
        }
    }

    /// Asks the database for a sign of life: a server whether it is there, a file whether it is the
    /// same.
    pub(crate) fn ping(&mut self) -> Result<(), ConnectionError> {
        #[cfg(feature = "sqlite")]
        if let Some(file) = &mut self.file {
            // There is no server that could have gone away.
            let Err(changed) = file.check() else { return Ok(()) };
            // Closed here and now, before the pool opens another: two connections that hold
            // different logs share one index of them, which would ruin both.
            self.connection = DatabaseConnection::Sqlite(sqlite::nowhere()?);
            return Err(changed.into());
        }
        self.answered = None;
        diesel::select(1.into_sql::<Integer>()).execute(&mut self.connection)?;
        self.answered = Some(Instant::now());
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
        if session.answered_just_now() { Ok(()) } else { session.ping() }
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        type Manager = <DatabaseConnection as diesel::Connection>::TransactionManager;
        std::thread::panicking() || Manager::is_broken_transaction_manager(&mut session.connection)
    }
}
