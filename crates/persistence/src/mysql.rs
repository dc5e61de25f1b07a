//! What is MySQL's own: the session's set-up, the lock around migrations, whether it takes writes.

use std::{sync::Arc, time::Duration};

use diesel::{
    Connection as _, MysqlConnection, QueryResult, QueryableByName, RunQueryDsl as _,
    connection::SimpleConnection as _, sql_types,
};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use registration_domain::Cause;
use url::Url;

use crate::error::{ConnectionError, MigrationError};

pub(crate) const MIGRATIONS: EmbeddedMigrations =
    embed_migrations!("../../database/migrations/mysql");

/// Strict SQL, UTC, messages in the language that `error.rs` reads, and bounded waits for other
/// transactions' locks and for changes of the tables (seconds).
const SESSION: &str = "SET SESSION time_zone = '+00:00', \
     sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', lc_messages = 'en_US', \
     innodb_lock_wait_timeout = 1, lock_wait_timeout = 60";

pub(crate) fn connect(url: &Url) -> Result<MysqlConnection, ConnectionError> {
    let mut connection = MysqlConnection::establish(url.as_str())?;
    if url.query_pairs().any(|(name, _)| name.starts_with("ssl_")) {
        require_encryption(&mut connection)?;
    }
    connection.batch_execute(SESSION)?;
    require_texts(&mut connection)?;
    Ok(connection)
}

/// MariaDB's client library 3.3.19 (Debian's libmariadb3 10.11.18), and others of those months, give
/// every text as an empty one. What is read through them is not to be believed.
fn require_texts(connection: &mut MysqlConnection) -> Result<(), ConnectionError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = sql_types::Text)]
        answer: String,
    }
    let text: Answer = diesel::sql_query("SELECT 'a text' AS answer").get_result(connection)?;
    if text.answer == "a text" { Ok(()) } else { Err(ConnectionError::LosesTexts) }
}

/// The client library goes on in plain text where the server offers no TLS. Whoever names
/// certificates does not mean that.
fn require_encryption(connection: &mut MysqlConnection) -> Result<(), ConnectionError> {
    #[derive(QueryableByName)]
    struct Status {
        #[diesel(sql_type = sql_types::Text, column_name = "Value")]
        value: String,
    }
    let cipher: Status =
        diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").get_result(connection)?;
    if cipher.value.is_empty() { Err(ConnectionError::NotEncrypted) } else { Ok(()) }
}

/// Does `work` under a named lock of the server, one a database. The lock ends with the connection,
/// so that nothing is left behind where the work fails.
pub(crate) fn alone<T>(
    connection: &mut MysqlConnection,
    wait: Duration,
    work: impl FnOnce(&mut MysqlConnection) -> Result<T, Cause>,
) -> Result<T, MigrationError> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
        acquired: Option<i64>,
    }
    // A lock's name has at most 64 characters, as a database's. Where the server has MD5(), the name is
    // that of earlier versions, so that they and this one exclude each other; MySQL 9 no longer has it.
    let hash = match connection.batch_execute("DO MD5('')") {
        Ok(()) => "MD5(DATABASE())",
        Err(_) => "LEFT(SHA2(DATABASE(), 256), 32)",
    };
    let lock: Lock = diesel::sql_query(format!(
        "SELECT CAST(GET_LOCK(CONCAT('student-registration-', {hash}), {}) AS SIGNED) AS acquired",
        wait.as_secs()
    ))
    .get_result(connection)
    .map_err(|error| MigrationError::Failed(Arc::new(error)))?;
    if lock.acquired != Some(1) {
        return Err(MigrationError::Locked);
    }
    work(connection).map_err(MigrationError::Failed)
}

/// The number of the error with which the last statement failed. Diesel keeps its text alone; the
/// server still knows, until the next statement. Nothing where it can no longer be asked.
pub(crate) fn last_error(connection: &mut MysqlConnection) -> Option<i64> {
    #[derive(QueryableByName)]
    struct ServerError {
        #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
        code: Option<i64>,
    }
    // SHOW ERRORS would say it at once, but Diesel prepares what has an answer, and it cannot be.
    // The error stands behind the warnings that came before it.
    let read = "GET DIAGNOSTICS @conditions = NUMBER; \
         GET DIAGNOSTICS CONDITION @conditions @last_error = MYSQL_ERRNO";
    connection.batch_execute(read).ok()?;
    let error: ServerError = diesel::sql_query("SELECT CAST(@last_error AS SIGNED) AS code")
        .get_result(connection)
        .ok()?;
    error.code
}

/// Whether the server is a node of a Galera cluster. MySQL does not know the variable.
pub(crate) fn is_clustered(connection: &mut MysqlConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Variable {
        #[diesel(sql_type = sql_types::Text, column_name = "Value")]
        value: String,
    }
    let on: Vec<Variable> =
        diesel::sql_query("SHOW SESSION VARIABLES LIKE 'wsrep_on'").load(connection)?;
    Ok(on.first().is_some_and(|on| on.value == "ON"))
}

/// Whether what this session reads, from now on, first waits for everything that other nodes of the
/// cluster have committed; otherwise as the server is configured.
pub(crate) fn wait_for_other_nodes(
    connection: &mut MysqlConnection,
    wait: bool,
) -> QueryResult<()> {
    let value = if wait { "1" } else { "DEFAULT" };
    connection.batch_execute(&format!("SET SESSION wsrep_sync_wait = {value}"))
}

/// Whether the server takes writes: a replica, or one under maintenance, does not.
pub(crate) fn is_writable(connection: &mut MysqlConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct ReadOnly {
        #[diesel(sql_type = sql_types::Text)]
        read_only: String,
    }
    let answer: ReadOnly =
        diesel::sql_query("SELECT CAST(@@global.read_only AS CHAR) AS read_only")
            .get_result(connection)?;
    Ok(matches!(answer.read_only.as_str(), "0" | "OFF"))
}
