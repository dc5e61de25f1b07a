//! Two embedded sets of migrations, one a backend, safe to run from several instances at once.

use diesel::{QueryDsl as _, QueryResult, QueryableByName, RunQueryDsl as _, sql_types};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use registration_domain::Cause;

#[cfg(feature = "sqlite")]
use crate::sqlite_file;
use crate::{
    DatabaseUrl,
    connection::{ConnectionError, DatabaseConnection, Session},
    schema::__diesel_schema_migrations,
};

#[cfg(feature = "mysql")]
const MYSQL: EmbeddedMigrations = embed_migrations!("../../database/migrations/mysql");
#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("../../database/migrations/sqlite");

/// How long an instance waits for another one's migrations, in seconds.
const LOCK_SECONDS: u32 = 60;

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No connection, or no file.
    #[error("cannot open the database at {url}")]
    Open {
        /// Where it should be, without user and password.
        url: DatabaseUrl,
        /// The error below.
        #[source]
        source: Cause,
    },
    /// Another instance has been migrating for too long.
    #[error("another instance held the migration lock for over {LOCK_SECONDS} seconds")]
    Locked,
    /// A migration, or the record of it, failed.
    #[error("a migration failed")]
    Failed(#[source] Cause),
}

/// Brings the tables up to date, creating an SQLite file where there is none, and returns the
/// versions of the migrations it ran. Instances that start together wait for each other.
///
/// # Errors
///
/// The database cannot be reached, or a migration fails.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    let mut session =
        open(url).map_err(|source| MigrationError::Open { url: url.clone(), source })?;
    match &mut session.connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(connection) => with_server_lock(connection, |connection| {
            run_pending(connection, MYSQL).map_err(MigrationError::Failed)
        }),
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(connection) => {
            use diesel::connection::SimpleConnection as _;
            connection
                .batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_SECONDS * 1000))
                .map_err(|error| MigrationError::Failed(error.into()))?;
            connection
                .exclusive_transaction(|connection| Ok(run_pending(connection, SQLITE)?))
                .map_err(|error: TransactionError| MigrationError::Failed(error.0))
        }
    }
}

fn open(url: &DatabaseUrl) -> Result<Session, Cause> {
    #[cfg(feature = "sqlite")]
    if let DatabaseUrl::Sqlite(path) = url {
        sqlite_file::create(path)?;
    }
    Session::open(url).map_err(ConnectionError::into)
}

fn run_pending<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, Cause> {
    let versions = connection.run_pending_migrations(migrations)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Lets `?` carry both Diesel's errors and migration errors out of a transaction.
#[cfg(feature = "sqlite")]
struct TransactionError(Cause);

#[cfg(feature = "sqlite")]
impl<E: Into<Cause>> From<E> for TransactionError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Holds a named lock of the server, one a database, while `work` runs.
#[cfg(feature = "mysql")]
fn with_server_lock<T>(
    connection: &mut diesel::MysqlConnection,
    work: impl FnOnce(&mut diesel::MysqlConnection) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
        acquired: Option<i64>,
    }
    const NAME: &str = "CONCAT('student-registration-', MD5(DATABASE()))";

    let lock: Lock = diesel::sql_query(format!(
        "SELECT CAST(GET_LOCK({NAME}, {LOCK_SECONDS}) AS SIGNED) AS acquired"
    ))
    .get_result(connection)
    .map_err(|error| MigrationError::Failed(error.into()))?;
    if lock.acquired != Some(1) {
        return Err(MigrationError::Locked);
    }
    // The lock ends with this connection, so nothing is left behind where `work` fails or panics.
    work(connection)
}

/// Whether a migration of this program is missing in the database. Changes nothing there.
pub(crate) fn any_pending(connection: &mut DatabaseConnection) -> QueryResult<bool> {
    let applied: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    let embedded = match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => versions::<diesel::mysql::Mysql>(&MYSQL),
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE),
    };
    Ok(embedded.iter().any(|version| !applied.contains(version)))
}

fn versions<DB: diesel::backend::Backend>(migrations: &EmbeddedMigrations) -> Vec<String> {
    use diesel::migration::MigrationSource as _;
    let migrations: Vec<Box<dyn diesel::migration::Migration<DB>>> =
        migrations.migrations().unwrap_or_default();
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}
