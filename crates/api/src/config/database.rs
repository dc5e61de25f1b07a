//! The database, its pool and its write queue.

use std::time::Duration;

use clap::Args;
use registration_persistence::DatabaseUrl;

use super::{
    checked::{Checked, ConfigErrors},
    secret::FromFile,
    values::{Bool, Count, Seconds},
};

#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "help texts, not Markdown")]
pub(super) struct DatabaseOptions {
    /// sqlite://PATH or mysql://USER:PASSWORD@HOST:PORT/DATABASE; set it in the environment or in a
    /// file, where other users cannot read the password; sqlite://./data/registration.db unless set
    #[arg(long, env = "DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    database_url: Option<Checked<DatabaseUrl>>,

    /// File that holds the database URL instead of DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "PATH", global = true)]
    database_url_file: Option<Checked<FromFile<DatabaseUrl>>>,

    /// Maximum number of open database connections (an SQLite file always has one)
    #[arg(long, env = "DATABASE_POOL_SIZE", value_name = "COUNT", global = true)]
    #[arg(default_value = "10")]
    database_pool_size: Checked<Count<1, 1000>>,

    /// Maximum number of further connections for the office (an SQLite file has two, which read)
    #[arg(long, env = "DESK_POOL_SIZE", value_name = "COUNT", global = true)]
    #[arg(default_value = "4")]
    desk_pool_size: Checked<Count<1, 100>>,

    /// How long a request waits for a database connection before it is answered 503
    #[arg(long, env = "DATABASE_POOL_TIMEOUT", value_name = "SECONDS", global = true)]
    #[arg(default_value = "2")]
    database_pool_timeout: Checked<Seconds<1>>,

    /// How long the database may take to answer a statement before its connection is written off and
    /// replaced
    #[arg(long, env = "DATABASE_STATEMENT_TIMEOUT", value_name = "SECONDS", global = true)]
    #[arg(default_value = "15")]
    database_statement_timeout: Checked<Seconds<2000>>,

    /// Maximum number of registrations in one commit, shared by those that arrive together; 1 gives
    /// each a commit of its own
    #[arg(long, env = "DATABASE_BATCH_SIZE", value_name = "COUNT", global = true)]
    #[arg(default_value = "256")]
    database_batch_size: Checked<Count<1, 1000>>,

    /// Maximum number of queued registrations; further ones are answered 503 at once
    #[arg(long, env = "DATABASE_QUEUE_SIZE", value_name = "COUNT", global = true)]
    #[arg(default_value = "1024")]
    database_queue_size: Checked<Count<1, 100_000>>,

    /// Do not apply pending migrations at start
    #[arg(long, env = "NO_MIGRATE", value_name = "BOOL", global = true)]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "false", default_missing_value = "true")]
    no_migrate: Checked<Bool>,
}

/// The database, its pool and its write queue.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseConfig {
    pub(crate) url: DatabaseUrl,
    pub(crate) pool_size: u32,
    pub(crate) desk_pool_size: u32,
    pub(crate) pool_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) max_batch_size: u32,
    pub(crate) queue_capacity: u32,
    pub(crate) migrate: bool,
}

impl DatabaseOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> DatabaseConfig {
        DatabaseConfig {
            url: errors
                .value_or_file("database_url", self.database_url, self.database_url_file)
                .unwrap_or_default(),
            pool_size: errors.value_or_record("database_pool_size", self.database_pool_size).0,
            desk_pool_size: errors.value_or_record("desk_pool_size", self.desk_pool_size).0,
            pool_timeout: errors
                .value_or_record("database_pool_timeout", self.database_pool_timeout)
                .0,
            statement_timeout: errors
                .value_or_record("database_statement_timeout", self.database_statement_timeout)
                .0,
            max_batch_size: errors
                .value_or_record("database_batch_size", self.database_batch_size)
                .0,
            queue_capacity: errors
                .value_or_record("database_queue_size", self.database_queue_size)
                .0,
            migrate: !errors.value_or_record("no_migrate", self.no_migrate).0,
        }
    }
}
