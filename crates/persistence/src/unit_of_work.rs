//! One transaction over several repositories, with the bounded retry of conflicts.

use diesel::{Connection as _, QueryResult, result::Error};
use registration_domain::{
    Completion, Fingerprint, IdempotencyKey, IdempotencyKeyRepository, RepositoryError, StoredKey,
    Student, StudentInsert, StudentWriter, Transaction, UnitOfWork, Work,
};

use crate::{
    connection::session::DatabaseConnection,
    database::Database,
    error::{Failure, repository_error},
    registrations::idempotency_keys,
    retry,
    students::queries as students,
};

/// Units of work on a database.
#[derive(Clone)]
pub struct DatabaseUnitOfWork(Database);

impl DatabaseUnitOfWork {
    /// Units of work on `database`, which must be migrated.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

impl UnitOfWork for DatabaseUnitOfWork {
    fn execute(&self, work: &mut Work<'_>) -> Result<(), RepositoryError> {
        let mut session = self.0.pool().traced_session()?;
        let done = retry::on_conflict(|| {
            session.traced(|connection| {
                transaction(connection, |transaction| Ok((work(transaction)?, ())))
            })
        });
        done.map_err(|failure| session.repository_error(failure))
    }
}

/// Runs `work` in one transaction, without retry, and returns its value. A statement that fails ends
/// the transaction, whatever `work` makes of the error: after a deadlock the server has ended it
/// already, and further statements would be committed one by one.
pub(crate) fn transaction<T>(
    connection: &mut DatabaseConnection,
    work: impl FnOnce(&mut dyn Transaction) -> Result<(Completion, T), RepositoryError>,
) -> Result<T, Failure> {
    let mut rolled_back = None;
    let committed = connection.transaction(|connection| {
        let mut transaction = DieselTransaction { connection, failed: None };
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

/// The repositories on a connection with an open transaction.
struct DieselTransaction<'a> {
    connection: &'a mut DatabaseConnection,
    /// The first error of a statement.
    failed: Option<Error>,
}

impl DieselTransaction<'_> {
    /// Runs `query`, unless a statement has failed before.
    fn run<T>(
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

impl Transaction for DieselTransaction<'_> {
    fn students(&mut self) -> &mut dyn StudentWriter {
        self
    }

    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeyRepository {
        self
    }
}

impl StudentWriter for DieselTransaction<'_> {
    fn insert(&mut self, student: &Student) -> Result<StudentInsert, RepositoryError> {
        self.run(|connection| students::insert_row(connection, student))
    }
}

impl IdempotencyKeyRepository for DieselTransaction<'_> {
    fn find(&mut self, key: &IdempotencyKey) -> Result<Option<StoredKey>, RepositoryError> {
        self.run(|connection| idempotency_keys::find(connection, key))
    }

    fn insert(
        &mut self,
        key: &IdempotencyKey,
        student: &Student,
        fingerprint: Fingerprint,
    ) -> Result<bool, RepositoryError> {
        self.run(|connection| idempotency_keys::insert_row(connection, key, student, fingerprint))
    }

    fn delete(&mut self, key: &IdempotencyKey, found: &StoredKey) -> Result<(), RepositoryError> {
        self.run(|connection| idempotency_keys::delete(connection, key, found))
    }
}
