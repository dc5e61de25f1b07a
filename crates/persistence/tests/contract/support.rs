//! What the cases share.

use std::{sync::Arc, time::Duration};

use registration_contract::{Subject, fixtures::keyless, wait};
use registration_domain::{
    InsertOutcome, NewRegistration, Readiness, RegistrationStore, RepositoryError, Student,
    StudentRepository, Unavailability, UnitOfWork,
};
use registration_persistence::{
    Database, DatabaseUnitOfWork, PoolOptions, Registrations, Students, WriteOptions, migrate,
};
use registration_testkit::TestDatabase;

pub(crate) const OPTIONS: PoolOptions = PoolOptions {
    max_size: 8,
    timeout: Duration::from_secs(10),
    statement_timeout: Duration::from_secs(15),
};

/// Opens a database.
pub(crate) fn open(database: &TestDatabase) -> Database {
    open_with(database, OPTIONS)
}

pub(crate) fn open_with(database: &TestDatabase, options: PoolOptions) -> Database {
    Database::open(database.url().parse().unwrap(), options)
}

/// Migrates, and returns the versions of what ran.
pub(crate) fn migrated(database: &TestDatabase) -> Vec<String> {
    migrate(&database.url().parse().unwrap()).unwrap()
}

/// Every port, on one database.
pub(crate) struct Store {
    pub(crate) registrations: Registrations,
    pub(crate) students: Students,
    unit_of_work: DatabaseUnitOfWork,
    database: Database,
}

impl Store {
    /// An instance on a migrated database.
    pub(crate) fn new(database: &TestDatabase) -> Self {
        migrated(database);
        Self::on(open(database))
    }

    /// An instance on this database.
    pub(crate) fn on(database: Database) -> Self {
        let is_sampled = Arc::new(|_: &tracing::Span| true);
        let options = WriteOptions { max_batch_size: 100, queue_capacity: 1000, is_sampled };
        Self {
            registrations: Registrations::start(database.clone(), options).unwrap(),
            students: Students::new(database.clone()),
            unit_of_work: DatabaseUnitOfWork::new(database.clone()),
            database,
        }
    }

    /// Stores a registration.
    pub(crate) fn try_insert(
        &self,
        registration: NewRegistration,
    ) -> Result<InsertOutcome, RepositoryError> {
        wait(self.registrations.insert(registration))
    }

    /// Stores a registration, which must be possible.
    pub(crate) fn insert(&self, registration: NewRegistration) -> InsertOutcome {
        self.try_insert(registration).unwrap()
    }

    /// Stores a student without a key, which must be possible.
    pub(crate) fn insert_student(&self, student: &Student) -> InsertOutcome {
        self.insert(keyless(student))
    }
}

impl Subject for Store {
    fn registrations(&self) -> &dyn RegistrationStore {
        &self.registrations
    }

    fn students(&self) -> &dyn StudentRepository {
        &self.students
    }

    fn unit_of_work(&self) -> &dyn UnitOfWork {
        &self.unit_of_work
    }

    fn readiness(&self) -> &dyn Readiness {
        &self.database
    }
}

/// Why the store was unavailable.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, RepositoryError>) -> Unavailability {
    match answer.unwrap_err() {
        RepositoryError::Unavailable { reason, .. } => reason,
        unexpected @ RepositoryError::Unexpected(_) => panic!("{unexpected:?}"),
    }
}
