//! Runs the embedded migrations, one set for each backend; safe to run from several instances at once.
//! `docs/migrations.md` is the policy: which statements are allowed, and how a run that was killed is
//! recovered.

use std::{sync::Arc, time::Duration};

use diesel::{
    QueryDsl as _, QueryResult, RunQueryDsl as _, backend::Backend, migration::MigrationSource,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

#[cfg(feature = "mysql")]
use crate::connection::mysql;
#[cfg(feature = "sqlite")]
use crate::timeout;
use crate::{
    connection::{
        pool::CONNECT_TIMEOUT,
        session::{DatabaseConnection, Session},
        watchdog::SessionLimits,
    },
    database_url::DatabaseUrl,
    error::MigrationError,
    schema::{__diesel_schema_migrations, idempotency_keys, students},
};
#[cfg(feature = "sqlite")]
use crate::{
    connection::{sqlite, sqlite_file},
    database_url::Location,
};

#[cfg(feature = "mysql")]
const MYSQL: EmbeddedMigrations = embed_migrations!("../../database/migrations/mysql");
#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("../../database/migrations/sqlite");

/// How long an instance waits for another one's migrations.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// The limits of the session that migrates. No watchdog ends it: a change of a large table takes as
/// long as it takes.
const LIMITS: SessionLimits =
    SessionLimits { connect: CONNECT_TIMEOUT, statement: Duration::MAX, ping: Duration::MAX };

/// MySQL's errors that say that a statement's effect exists: the table, the column or the key is
/// there, or is not there any more.
#[cfg(feature = "mysql")]
const ALREADY_APPLIED: [i64; 4] = [1050, 1060, 1061, 1091];

/// Applies the migrations that are pending, creating an SQLite file where there is none, and returns
/// their versions. Instances that start together wait for each other.
///
/// # Errors
///
/// The database cannot be opened, or a migration fails.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    let failed = |source| MigrationError::Open { url: url.clone(), source };
    #[cfg(feature = "sqlite")]
    let _lock = match &url.0 {
        Location::Mysql(_) => None,
        Location::Sqlite(path) => {
            let path = path.clone();
            let lock = timeout::run(LOCK_TIMEOUT, move || sqlite_file::create(&path));
            Some(lock.ok_or(MigrationError::Locked)?.map_err(|error| failed(Arc::new(error)))?)
        }
    };
    let mut session = Session::open(url, LIMITS).map_err(|error| failed(Arc::new(error)))?;
    // Without pending migrations neither a lock nor the right to migrate is needed.
    if any_pending(&mut session.connection) == Ok(false) {
        return Ok(Vec::new());
    }
    match &mut session.connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(connection) => {
            mysql::with_exclusive_lock(connection, LOCK_TIMEOUT, run_on_mysql)
        }
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(connection) => {
            sqlite::with_exclusive_lock(connection, LOCK_TIMEOUT, run_on_sqlite)
        }
    }
}

/// Runs each pending migration, which is one statement, and records it. MySQL commits a change of the
/// tables before it can be recorded: where a run was killed in between, the server says that the
/// effect exists, and the migration is recorded now.
#[cfg(feature = "mysql")]
fn run_on_mysql(connection: &mut diesel::MysqlConnection) -> Result<Vec<String>, MigrationError> {
    use diesel::ExpressionMethods as _;

    let pending = connection.pending_migrations(MYSQL).map_err(MigrationError::failed)?;
    let mut versions = Vec::with_capacity(pending.len());
    for migration in pending {
        if let Err(error) = migration.run(connection) {
            let code = mysql::last_error(connection);
            if !code.is_some_and(|code| ALREADY_APPLIED.contains(&code)) {
                return Err(MigrationError::failed(error));
            }
        }
        let version = migration.name().version().to_string();
        diesel::insert_into(__diesel_schema_migrations::table)
            .values(__diesel_schema_migrations::version.eq(&version))
            .execute(connection)?;
        versions.push(version);
    }
    Ok(versions)
}

/// Runs the pending migrations in the open transaction, which also records them.
#[cfg(feature = "sqlite")]
fn run_on_sqlite(connection: &mut diesel::SqliteConnection) -> Result<Vec<String>, MigrationError> {
    let versions = connection.run_pending_migrations(SQLITE).map_err(MigrationError::failed)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Whether a migration of this program has not been applied. Fails where a table does not exist.
/// Changes nothing.
pub(crate) fn any_pending(connection: &mut DatabaseConnection) -> QueryResult<bool> {
    students::table.select(students::id).limit(1).execute(connection)?;
    idempotency_keys::table.select(idempotency_keys::created_at).limit(1).execute(connection)?;
    let applied: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    let embedded = match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => versions::<diesel::mysql::Mysql>(&MYSQL)?,
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE)?,
    };
    Ok(embedded.iter().any(|version| !applied.contains(version)))
}

fn versions<DB: Backend>(migrations: &EmbeddedMigrations) -> QueryResult<Vec<String>> {
    let migrations = MigrationSource::<DB>::migrations(migrations)
        .map_err(diesel::result::Error::DeserializationError)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
