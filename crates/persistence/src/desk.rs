//! The desk's transactions, on connections of their own: a search does not keep a registration waiting.

use std::sync::Arc;

use diesel::QueryResult;
#[cfg(feature = "sqlite")]
use registration_domain::Unavailability;
use registration_domain::{
    Completion, DeskRead, DeskStore, DeskTransaction, DeskWrite, RepositoryError,
};
use tracing::Span;

use crate::{
    connection::{
        pool::{Pool, PoolOptions, PooledSession},
        pool_metrics::PoolName,
        session::{DatabaseConnection, Session},
    },
    database::Database,
    database_url::{DatabaseUrl, Location},
    error::Failure,
    retry,
    search::Newest,
    transaction::{self, Begin, DieselTransaction},
};
#[cfg(feature = "sqlite")]
use crate::{
    connection::{
        pool_metrics::WaitMetrics,
        sqlite_readers::{Slot, SqliteReaders},
    },
    error::{ConnectionError, connection_reason},
};

/// The store of the desk. Clones share its connections.
#[derive(Clone)]
pub struct Desk {
    connections: Connections,
    newest: Arc<Newest>,
}

#[derive(Clone)]
enum Connections {
    /// To a server.
    Pool(Pool),
    /// To a file, which has one writer: the main pool's connection writes, others read beside it.
    #[cfg(feature = "sqlite")]
    File { main: Database, waits: WaitMetrics },
}

impl Desk {
    /// Opens the desk of the database at `url`, of which `main` is the pool. Waits for nothing:
    /// connections are opened when needed. On a server the desk has up to
    /// [`PoolOptions::max_size`] connections; on SQLite it reads through two of its own and writes
    /// through `main`.
    #[must_use]
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(clippy::needless_pass_by_value, reason = "kept on SQLite alone")
    )]
    pub fn open(url: DatabaseUrl, main: Database, options: PoolOptions) -> Self {
        let connections = match &url.0 {
            #[cfg(feature = "sqlite")]
            Location::Sqlite(_) => {
                PoolName::DESK.set_max_size(SqliteReaders::max_size());
                Connections::File { main, waits: WaitMetrics::new(PoolName::DESK) }
            }
            #[cfg(not(feature = "sqlite"))]
            Location::Sqlite(_) => Connections::Pool(main.pool().clone()),
            Location::Mysql(_) => Connections::Pool(Pool::open(url, options, PoolName::DESK)),
        };
        Self { connections, newest: Arc::default() }
    }

    /// How many transactions read beside each other.
    #[must_use]
    pub fn readers(&self) -> u32 {
        match &self.connections {
            Connections::Pool(pool) => pool.max_size(),
            #[cfg(feature = "sqlite")]
            Connections::File { .. } => SqliteReaders::max_size(),
        }
    }

    /// Whether registrations wait for what the desk writes.
    #[must_use]
    pub fn shares_writer(&self) -> bool {
        match &self.connections {
            Connections::Pool(_) => false,
            #[cfg(feature = "sqlite")]
            Connections::File { .. } => true,
        }
    }

    /// Runs `statements`, which only read, in one transaction without spans: for what polls.
    pub(crate) fn poll<T>(
        &self,
        statements: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        self.with_reader(false, |session| {
            let read = session.untraced(|connection| {
                transaction::run_statements(connection, Begin::Read, |connection| {
                    Ok(statements(connection)?)
                })
            });
            read.map_err(|failure| session.repository_error(failure))
        })
    }

    /// Runs `statements` in one transaction, again after a conflict. `Ok(None)` rolls it back.
    pub(crate) fn change<T>(
        &self,
        mut statements: impl FnMut(&mut DatabaseConnection) -> QueryResult<Option<T>>,
    ) -> Result<Option<T>, RepositoryError> {
        let is_traced = is_in_trace();
        self.with_writer(is_traced, |session| {
            let changed = retry::on_conflict(|| {
                session.traced_if(is_traced, |connection| {
                    transaction::run(connection, Begin::Write, |transaction| {
                        let value = transaction.run(&mut statements)?;
                        let completion = match value {
                            Some(_) => Completion::Commit,
                            None => Completion::RollBack,
                        };
                        Ok((completion, value))
                    })
                })
            });
            changed.map_err(|failure| session.repository_error(failure))
        })
    }

    fn with_writer<T>(
        &self,
        is_traced: bool,
        work: impl FnOnce(&mut Session) -> Result<T, RepositoryError>,
    ) -> Result<T, RepositoryError> {
        work(&mut *session(self.writers(), is_traced)?)
    }

    fn writers(&self) -> &Pool {
        match &self.connections {
            Connections::Pool(pool) => pool,
            #[cfg(feature = "sqlite")]
            Connections::File { main, .. } => main.pool(),
        }
    }

    fn with_reader<T>(
        &self,
        is_traced: bool,
        work: impl FnOnce(&mut Session) -> Result<T, RepositoryError>,
    ) -> Result<T, RepositoryError> {
        match &self.connections {
            Connections::Pool(pool) => work(&mut *session(pool, is_traced)?),
            #[cfg(feature = "sqlite")]
            Connections::File { main, .. } if !is_traced => {
                work(reader(main)?.as_mut().ok_or_else(pool_exhausted)?)
            }
            #[cfg(feature = "sqlite")]
            Connections::File { main, waits } => {
                let wait = waits.begin(&Span::current());
                match reader(main) {
                    Ok(mut slot) => {
                        wait.connected();
                        let reader = slot.as_mut().ok_or_else(pool_exhausted)?;
                        work(reader)
                    }
                    Err(error) => {
                        wait.failed(&error);
                        Err(error)
                    }
                }
            }
        }
    }
}

/// A place with an open connection to the file that the writing connection writes.
#[cfg(feature = "sqlite")]
fn reader(main: &Database) -> Result<Slot<'_>, RepositoryError> {
    let pool = main.pool();
    let take = || pool.readers().take(pool.timeout()).ok_or_else(pool_exhausted);
    let mut slot = take()?;
    if slot.as_mut().is_some_and(|session| session.check().is_ok()) {
        return Ok(slot);
    }
    *slot = None;
    drop(slot);
    // Checks the file, and closes every connection to one that was replaced.
    drop(main.session()?);
    let mut slot = take()?;
    if slot.is_none() {
        *slot = Some(pool.readers().open().map_err(not_opened)?);
    }
    Ok(slot)
}

/// Whether there is a trace to which spans belong: jobs that poll have none.
fn is_in_trace() -> bool {
    !Span::current().is_none()
}

fn session(pool: &Pool, is_traced: bool) -> Result<PooledSession, RepositoryError> {
    if is_traced { pool.traced_session() } else { pool.session() }
}

#[cfg(feature = "sqlite")]
fn pool_exhausted() -> RepositoryError {
    RepositoryError::unavailable(Unavailability::PoolExhausted, "no connection became free")
}

#[cfg(feature = "sqlite")]
fn not_opened(error: ConnectionError) -> RepositoryError {
    RepositoryError::unavailable(connection_reason(&error), error)
}

impl DeskStore for Desk {
    fn read(&self, work: &mut DeskRead<'_>) -> Result<(), RepositoryError> {
        let is_traced = is_in_trace();
        self.with_reader(is_traced, |session| {
            let read = session.traced_if(is_traced, |connection| {
                transaction::run(connection, Begin::Read, |transaction| {
                    transaction.use_newest(&self.newest);
                    Ok((Completion::Commit, work(transaction)?))
                })
            });
            read.map_err(|failure: Failure| session.repository_error(failure))
        })
    }

    fn write(&self, work: &mut DeskWrite<'_>) -> Result<(), RepositoryError> {
        let is_traced = is_in_trace();
        self.with_writer(is_traced, |session| {
            let written = retry::on_conflict(|| {
                session.traced_if(is_traced, |connection| {
                    transaction::run(connection, Begin::Write, |transaction| {
                        Ok((work(transaction)?, ()))
                    })
                })
            });
            written.map_err(|failure| session.repository_error(failure))
        })
    }
}

impl DeskTransaction for DieselTransaction<'_> {}
