//! The contract of the domain's ports, for tests: a suite that runs against any implementation
//! ([`suite`]), an implementation in memory ([`MemoryStore`]), and valid students ([`fixtures`]).
//!
//! Depends on `registration-domain` only. To test a store of your own, run every case on it; a type
//! that implements every port is a [`Subject`]. `tests/outside/` does so from outside the workspace.
//!
//! ```
//! use registration_contract::{MemoryStore, suite};
//!
//! for (name, case) in suite::cases() {
//!     println!("{name}");
//!     case(&MemoryStore::default()); // an empty store for each case
//! }
//! ```
//!
//! # Add a case
//!
//! Write it as a function in the file of its port, and list it in the `CASES` of that file. A case
//! sees the ports only: what depends on a table, a lock or a statement belongs to the tests of
//! `registration-persistence`.

pub mod fixtures;
mod memory;
pub mod suite;
mod wait;

pub use memory::MemoryStore;
pub use wait::{wait, wait_all};

use registration_domain::{Readiness, RegistrationStore, StudentRepository, UnitOfWork};

/// An implementation under test: its ports on one empty store.
pub trait Subject: Sync {
    /// Stores registrations.
    fn registrations(&self) -> &dyn RegistrationStore;

    /// Reads students.
    fn students(&self) -> &dyn StudentRepository;

    /// Runs transactions.
    fn unit_of_work(&self) -> &dyn UnitOfWork;

    /// Reports whether the store can serve.
    fn readiness(&self) -> &dyn Readiness;
}

impl<T: RegistrationStore + StudentRepository + UnitOfWork + Readiness + Sync> Subject for T {
    fn registrations(&self) -> &dyn RegistrationStore {
        self
    }

    fn students(&self) -> &dyn StudentRepository {
        self
    }

    fn unit_of_work(&self) -> &dyn UnitOfWork {
        self
    }

    fn readiness(&self) -> &dyn Readiness {
        self
    }
}
