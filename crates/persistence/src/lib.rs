//! Stores registrations with Diesel: in MySQL, MariaDB or a cluster that speaks their protocol, or in
//! an embedded SQLite file.
//!
//! - [`DatabaseUrl`] is the address, [`migrate`] brings the tables up to date, and [`Database`] is the
//!   pool of connections and the domain's [`Readiness`].
//! - [`Registrations`] is the domain's [`RegistrationStore`]. It writes in batches.
//! - [`Students`] is the [`StudentRepository`], [`DatabaseUnitOfWork`] the [`UnitOfWork`].
//! - [`Desk`] is the [`DeskStore`] of the office: its transactions run on connections of their own.
//! - Behind the requests, [`Journal`] is the [`JournalKeeper`] and [`SearchIndexer`] the
//!   [`SearchProjector`].
//!
//! Telemetry goes through the `tracing` and `metrics` façades; [`TELEMETRY`] lists it.
//!
//! [`DeskStore`]: registration_domain::DeskStore
//! [`JournalKeeper`]: registration_domain::JournalKeeper
//! [`Readiness`]: registration_domain::Readiness
//! [`RegistrationStore`]: registration_domain::RegistrationStore
//! [`StudentRepository`]: registration_domain::StudentRepository
//! [`SearchProjector`]: registration_domain::SearchProjector
//! [`UnitOfWork`]: registration_domain::UnitOfWork
//!
//! # Add a repository
//!
//! 1. Add its port to `registration-domain`, its methods named as the domain names them; where it
//!    joins transactions, add it to the domain's `Transaction` or `DeskTransaction`.
//! 2. Add a folder for the aggregate: `queries.rs` with the row and the SQL, `repository.rs` with the
//!    port. Run queries through `Session::traced`: each statement is then timed and a span. Implement
//!    the port of a transaction for `DieselTransaction`.
//! 3. List the summaries of its statements in `telemetry.toml`.
//! 4. Add its cases to `registration-contract`; `tests/contract/` runs them on every backend.
//!
//! # Add a column
//!
//! 1. Write the migration, so that instances of the version before still work.
//! 2. Add the column to `schema.rs`, and to the row in the aggregate's `queries.rs`; the compiler names
//!    what is missing.
//! 3. Add it to `database/schema.sql`: a test compares it with the migrated tables. About a student, add
//!    it to `database/privacy.toml`, too: a test compares that with the tables.
//!
//! A table that every registration has a row in is one entry of `TABLES` in
//! `registrations/writer/batch.rs`, and one call in `registrations/queries.rs`.
//!
//! # Add a migration
//!
//! Add `database/migrations/{mysql,sqlite}/<stamp>_<name>/{up,down}.sql`, with the same stamp and name
//! for both: on MySQL exactly one statement, which MariaDB and MySQL both know. Bring
//! `database/schema.sql` up to date. `docs/migrations.md` has the rules and an example.

mod api_requests;
mod checklist;
mod connection;
mod database;
mod database_url;
mod decode;
mod desk;
mod error;
mod failures;
#[doc(hidden)]
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod imports;
mod journal;
mod locking;
mod migrations;
mod operations;
mod probe;
mod registrations;
mod retry;
mod schema;
mod search;
mod sessions;
mod sql;
mod staff;
mod students;
mod timeout;
mod tokens;
mod transaction;
mod unit_of_work;

pub use connection::pool::PoolOptions;
pub use database::Database;
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use desk::Desk;
pub use error::MigrationError;
pub use journal::Journal;
pub use migrations::migrate;
pub use registrations::{store::Registrations, writer::WriteOptions};
pub use search::SearchIndexer;
pub use students::repository::Students;
pub use unit_of_work::DatabaseUnitOfWork;

/// The registry of this crate's telemetry: metrics, spans and log lines, as TOML.
pub const TELEMETRY: &str = include_str!("../telemetry.toml");
