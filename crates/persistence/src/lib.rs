//! Stores students with Diesel: in MySQL, MariaDB or a cluster that speaks their protocol, or in
//! an embedded SQLite file.
//!
//! [`DatabaseUrl`] says where, [`migrate`] brings the tables up to date, [`Database`] holds the
//! connections and tells whether they can serve, and [`Students`] is the domain's
//! [`StudentRepository`] on top of it. To the outside this crate speaks through the `tracing`
//! and `metrics` façades only; [`TELEMETRY`] lists what it says.
//!
//! [`StudentRepository`]: registration_domain::StudentRepository
//!
//! # Add a query
//!
//! 1. Add the method to the port in `registration-domain`, in domain words.
//! 2. Implement it in `students.rs` or `keys.rs`, the only files with SQL meaning.
//! 3. Add a case to `tests/contract/`: it runs on every backend.
//!
//!    Run it through `Session::traced`: it is then timed, and a span of its own. List its name in
//!    `telemetry.toml`.
//!
//! # Add a migration
//!
//! Add `database/migrations/{mysql,sqlite}/<stamp>_<name>/{up,down}.sql` with the same stamp and
//! name for both: one statement that may be run again (`IF NOT EXISTS`), since MySQL commits it
//! before it is recorded, and a crash may fall between the two. Then bring `database/schema.sql` up
//! to date: a test compares it with what the migrations make.

mod connection;
mod database;
mod database_url;
mod error;
mod instrumentation;
mod keys;
mod many;
mod migrations;
#[cfg(feature = "mysql")]
mod mysql;
mod pool;
mod queue;
mod retry;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_file;
mod students;
mod together;
mod writer;

pub use database::{Database, PoolOptions};
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use error::MigrationError;
pub use migrations::migrate;
pub use students::Students;
pub use writer::WriteOptions;

/// What this crate lets be observed: its metrics, spans and log lines, as TOML.
pub const TELEMETRY: &str = include_str!("../telemetry.toml");
