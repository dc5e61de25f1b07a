//! The contract of the domain's ports, for tests: a suite that runs against any implementation
//! ([`suite`]), an implementation in memory ([`MemoryStore`]), and valid students ([`fixtures`]).
//!
//! Depends on `registration-domain` only. To test a store of your own, hand its ports to every case:
//!
//! ```
//! use registration_contract::{MemoryStore, Subject, suite};
//! use registration_domain::{Readiness, RegistrationStore, StudentRepository, UnitOfWork};
//!
//! struct MyStore(MemoryStore);
//!
//! impl Subject for MyStore {
//!     fn registrations(&self) -> &dyn RegistrationStore {
//!         &self.0
//!     }
//!     fn students(&self) -> &dyn StudentRepository {
//!         &self.0
//!     }
//!     fn unit_of_work(&self) -> &dyn UnitOfWork {
//!         &self.0
//!     }
//!     fn readiness(&self) -> &dyn Readiness {
//!         &self.0
//!     }
//! }
//!
//! for (name, case) in suite::cases() {
//!     println!("{name}");
//!     case(&MyStore(MemoryStore::default())); // an empty store for each case
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
