//! One transaction over several repositories, with the bounded retry of conflicts.

use registration_domain::{
    Fingerprint, IdempotencyKey, IdempotencyKeyRepository, Origin, RepositoryError, StoredKey,
    Student, StudentInsert, StudentWriter, Transaction, UnitOfWork, Work,
};

use crate::{
    database::Database,
    registrations::idempotency_keys,
    retry,
    students::queries as students,
    transaction::{self, Begin, DieselTransaction},
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
                transaction::run(connection, Begin::Deferred, |transaction| {
                    Ok((work(transaction)?, ()))
                })
            })
        });
        done.map_err(|failure| session.repository_error(failure))
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
    fn insert(
        &mut self,
        student: &Student,
        origin: Origin,
    ) -> Result<StudentInsert, RepositoryError> {
        self.run(|connection| students::insert_row(connection, student, origin))
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
