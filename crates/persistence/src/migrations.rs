//! Two embedded sets of migrations, one a backend, safe to run from several instances at once.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use diesel::{QueryDsl as _, QueryResult, RunQueryDsl as _, migration};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use registration_domain::Cause;

#[cfg(feature = "mysql")]
use crate::mysql;
use crate::{
    DatabaseUrl,
    connection::{DatabaseConnection, Session},
    error::MigrationError,
    schema::{__diesel_schema_migrations, idempotency_keys, students},
};
#[cfg(feature = "sqlite")]
use crate::{database_url::Location, sqlite, sqlite_file};

/// How long an instance waits for another one's migrations.
const LOCK: Duration = Duration::from_secs(60);

/// How long a server may take to let the migrating instance in.
const CONNECT: Duration = Duration::from_secs(10);

/// Brings the tables up to date, creating an SQLite file where there is none, and returns the
/// versions of the migrations it ran. Instances that start together wait for each other.
///
/// # Errors
///
/// The database cannot be reached, or a migration fails.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    let failed = |source| MigrationError::Open { url: url.clone(), source };
    #[cfg(feature = "sqlite")]
    let _alone = match &url.0 {
        Location::Mysql(_) => None,
        Location::Sqlite(path) => {
            let path = path.clone();
            let alone = within(LOCK, move || sqlite_file::create(&path));
            Some(alone.ok_or(MigrationError::Locked)?.map_err(|error| failed(Arc::new(error)))?)
        }
    };
    let address = url.clone();
    let session = within(CONNECT, move || Session::open(&address));
    let session = session.ok_or_else(|| failed(Arc::new(NoAnswer)))?;
    let mut session = session.map_err(|error| failed(Arc::new(error)))?;
    // Nothing to do needs no right to do it, and no lock.
    if any_pending(&mut session.connection) == Ok(false) {
        return Ok(Vec::new());
    }
    match &mut session.connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(connection) => {
            mysql::alone(connection, LOCK, |connection| run_pending(connection, mysql::MIGRATIONS))
        }
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(connection) => sqlite::alone(connection, LOCK, |connection| {
            run_pending(connection, sqlite::MIGRATIONS)
        }),
    }
}

/// Does `work`, unless it takes longer than it may. Neither SQLite's files nor the client library
/// of MySQL have a timeout of their own: one would wait without end, and without a word.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, done) = mpsc::channel();
    thread::spawn(move || sender.send(work()).is_ok());
    done.recv_timeout(limit).ok()
}

/// The database took no connection in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} seconds", CONNECT.as_secs())]
struct NoAnswer;

/// Runs what is pending, with nobody else at it.
fn run_pending<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, Cause> {
    let versions = connection.run_pending_migrations(migrations).map_err(Cause::from)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Whether a migration of this program is missing in the database; fails where a table is. Changes
/// nothing there.
pub(crate) fn any_pending(connection: &mut DatabaseConnection) -> QueryResult<bool> {
    students::table.select(students::id).limit(1).execute(connection)?;
    idempotency_keys::table.select(idempotency_keys::created_at).limit(1).execute(connection)?;
    let applied: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    let embedded = match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => versions::<diesel::mysql::Mysql>(&mysql::MIGRATIONS)?,
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&sqlite::MIGRATIONS)?,
    };
    Ok(embedded.iter().any(|version| !applied.contains(version)))
}

fn versions<DB: diesel::backend::Backend>(
    migrations: &EmbeddedMigrations,
) -> QueryResult<Vec<String>> {
    use migration::{Migration, MigrationSource as _};
    let migrations: Vec<Box<dyn Migration<DB>>> =
        migrations.migrations().map_err(diesel::result::Error::DeserializationError)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
