//! Connections to the database: how they are opened, pooled, checked and observed. No query of the
//! service is in here, only what a session needs for itself.

pub(crate) mod instrumentation;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "mysql")]
pub(crate) mod opening;
pub(crate) mod pool;
pub(crate) mod pool_metrics;
#[cfg(feature = "mysql")]
pub(crate) mod server_socket;
pub(crate) mod session;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite_file;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite_readers;
pub(crate) mod watchdog;
