//! A store of another team, which counts what it stores, under the port suite.
#![cfg(test)]

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use registration_contract::{MemoryStore, suite};
use registration_domain::{
    InsertFuture, NewRegistration, Readiness, RegistrationStore, RepositoryError, StudentId,
    StudentRepository, UnitOfWork, Work,
};

#[derive(Default)]
struct CountingStore {
    memory: MemoryStore,
    inserts: AtomicUsize,
}

impl RegistrationStore for CountingStore {
    fn insert(&self, registration: NewRegistration) -> InsertFuture {
        self.inserts.fetch_add(1, Ordering::Relaxed);
        self.memory.insert(registration)
    }

    fn delete_expired_keys(&self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.memory.delete_expired_keys(cutoff)
    }
}

impl StudentRepository for CountingStore {
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        self.memory.registered_at(id)
    }
}

impl UnitOfWork for CountingStore {
    fn execute(&self, work: &mut Work<'_>) -> Result<(), RepositoryError> {
        self.memory.execute(work)
    }
}

impl Readiness for CountingStore {
    fn check(&self) -> Result<(), RepositoryError> {
        self.memory.check()
    }
}

#[test]
fn a_store_outside_the_workspace_passes_the_suite() {
    let mut inserts = 0;
    for (name, case) in suite::cases() {
        println!("{name}");
        let store = CountingStore::default();
        case(&store);
        inserts += store.inserts.into_inner();
    }
    assert!(inserts > 50, "{inserts}");
}
