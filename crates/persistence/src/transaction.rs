//! A transaction on a connection, and the repositories that share it.

use std::sync::Arc;

use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager, TransactionManager as _},
    result::Error,
};
use registration_domain::{Completion, RepositoryError};

use crate::{
    connection::session::DatabaseConnection,
    error::{Failure, repository_error},
    search::Newest,
};

type Manager = <DatabaseConnection as diesel::Connection>::TransactionManager;

/// How a transaction begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// With a statement that writes.
    Deferred,
    /// It only reads, one state of the database.
    Read,
    /// It may read before it writes. On SQLite it waits for the file's lock at once: a transaction
    /// that has read cannot wait for it any more.
    Write,
}

impl Begin {
    fn begin(self, connection: &mut DatabaseConnection) -> QueryResult<()> {
        match connection {
            #[cfg(feature = "mysql")]
            DatabaseConnection::Mysql(connection) => {
                let sql = if self == Self::Read { "START TRANSACTION READ ONLY" } else { "BEGIN" };
                AnsiTransactionManager::begin_transaction_sql(connection, sql)
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(connection) => {
                let sql = if self == Self::Write { "BEGIN IMMEDIATE" } else { "BEGIN" };
                AnsiTransactionManager::begin_transaction_sql(connection, sql)
            }
        }
    }
}

/// Whether the next transaction cannot begin: one is still open, or its end has failed.
pub(crate) fn is_open(connection: &mut DatabaseConnection) -> bool {
    Manager::is_broken_transaction_manager(connection)
}

/// Runs `work` in one transaction, without retry, and returns its value. A statement that fails ends
/// the transaction, whatever `work` makes of the error: after a deadlock the server has ended it
/// already, and further statements would be committed one by one.
pub(crate) fn run<T>(
    connection: &mut DatabaseConnection,
    begin: Begin,
    work: impl FnOnce(&mut DieselTransaction<'_>) -> Result<(Completion, T), RepositoryError>,
) -> Result<T, Failure> {
    let mut rolled_back = None;
    let committed = run_statements(connection, begin, |connection| {
        let mut transaction = DieselTransaction { connection, failed: None, newest: None };
        let result = work(&mut transaction);
        if let Some(error) = transaction.failed {
            return Err(Failure::Query(error));
        }
        match result.map_err(Failure::Work)? {
            (Completion::Commit, value) => Ok(value),
            (Completion::RollBack, value) => {
                rolled_back = Some(value);
                Err(Failure::Query(Error::RollbackTransaction))
            }
        }
    });
    match (committed, rolled_back) {
        (Err(Failure::Query(Error::RollbackTransaction)), Some(value)) => Ok(value),
        (committed, _) => committed,
    }
}

/// Runs `statements` in one transaction, which is committed where they succeed.
pub(crate) fn run_statements<T>(
    connection: &mut DatabaseConnection,
    begin: Begin,
    statements: impl FnOnce(&mut DatabaseConnection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    begin.begin(connection)?;
    match statements(connection) {
        Ok(value) => {
            Manager::commit_transaction(connection)?;
            Ok(value)
        }
        Err(failure) => match Manager::rollback_transaction(connection) {
            Ok(()) | Err(Error::BrokenTransactionManager) => Err(failure),
            Err(error) => Err(error.into()),
        },
    }
}

/// The repositories on a connection with an open transaction.
pub(crate) struct DieselTransaction<'a> {
    connection: &'a mut DatabaseConnection,
    /// The first error of a statement.
    failed: Option<Error>,
    newest: Option<Arc<Newest>>,
}

impl DieselTransaction<'_> {
    /// Searches of the transaction use these students who are not indexed.
    pub(crate) fn use_newest(&mut self, newest: &Arc<Newest>) {
        self.newest = Some(Arc::clone(newest));
    }

    pub(crate) fn newest(&self) -> Arc<Newest> {
        self.newest.clone().unwrap_or_default()
    }

    /// Runs `query`, unless a statement has failed before.
    pub(crate) fn run<T>(
        &mut self,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        if self.failed.is_some() {
            return Err(RepositoryError::unexpected("the transaction has failed"));
        }
        query(self.connection).map_err(|error| {
            let answer = repository_error(&error, || true);
            self.failed = Some(error);
            answer
        })
    }
}
