//! Sessions on MySQL and MariaDB: set-up, error numbers, cluster reads, the lock around migrations,
//! and whether the server accepts writes.

use std::time::Duration;

use diesel::{
    Connection as _, MysqlConnection, QueryResult, QueryableByName, RunQueryDsl as _,
    connection::SimpleConnection as _, sql_types,
};
use url::Url;

use crate::{
    connection::watchdog::SessionLimits,
    error::{ConnectionError, MigrationError},
};

/// Strict SQL, UTC, messages in the language that `error.rs` parses, and bounded waits for other
/// transactions' locks, for changes of the tables and, on MariaDB, for the next statement of an open
/// transaction (seconds).
fn session(limits: SessionLimits) -> String {
    format!(
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET SESSION time_zone = '+00:00', \
         sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', lc_messages = 'en_US', \
         innodb_lock_wait_timeout = 1, lock_wait_timeout = {} \
         /*M! , idle_transaction_timeout = {} */ \
         /*M!110602 , innodb_snapshot_isolation = OFF */",
        limits.lock_wait_seconds(),
        limits.idle_transaction_seconds(),
    )
}

pub(crate) fn connect(
    url: &Url,
    limits: SessionLimits,
) -> Result<MysqlConnection, ConnectionError> {
    let mut connection = MysqlConnection::establish(url.as_str())?;
    if url.query_pairs().any(|(name, _)| name.starts_with("ssl_")) {
        check_encryption(&mut connection)?;
    }
    connection.batch_execute(&session(limits))?;
    check_client_library(&mut connection)?;
    Ok(connection)
}

/// MariaDB's client library 3.3.19 (Debian's libmariadb3 10.11.18) and others of that time return
/// every text as an empty string.
fn check_client_library(connection: &mut MysqlConnection) -> Result<(), ConnectionError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = sql_types::Text)]
        answer: String,
    }
    let text: Answer = diesel::sql_query("SELECT 'a text' AS answer").get_result(connection)?;
    if text.answer == "a text" { Ok(()) } else { Err(ConnectionError::BrokenClientLibrary) }
}

/// The client library falls back to plain text where the server offers no TLS. A URL with
/// certificates does not allow that.
fn check_encryption(connection: &mut MysqlConnection) -> Result<(), ConnectionError> {
    #[derive(QueryableByName)]
    struct Status {
        #[diesel(sql_type = sql_types::Text, column_name = "Value")]
        value: String,
    }
    let cipher: Status =
        diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").get_result(connection)?;
    if cipher.value.is_empty() { Err(ConnectionError::NotEncrypted) } else { Ok(()) }
}

/// Runs `work` under a named lock of the server, one for each database. The lock ends with the
/// connection, so that a failure leaves none behind.
pub(crate) fn with_exclusive_lock<T>(
    connection: &mut MysqlConnection,
    timeout: Duration,
    work: impl FnOnce(&mut MysqlConnection) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
        acquired: Option<i64>,
    }
    // The name of a lock has at most 64 characters, as many as that of a database. Where the server
    // has MD5(), the name is that of version 0.1.0, so that both exclude each other; MySQL 9 has not.
    let hash = match connection.batch_execute("DO MD5('')") {
        Ok(()) => "MD5(DATABASE())",
        Err(_) => "LEFT(SHA2(DATABASE(), 256), 32)",
    };
    let lock: Lock = diesel::sql_query(format!(
        "SELECT CAST(GET_LOCK(CONCAT('student-registration-', {hash}), {}) AS SIGNED) AS acquired",
        timeout.as_secs()
    ))
    .get_result(connection)
    .map_err(MigrationError::failed)?;
    if lock.acquired != Some(1) {
        return Err(MigrationError::Locked);
    }
    work(connection)
}

/// The number of the error with which the last statement failed: Diesel keeps only its text, the
/// server keeps both until the next statement. `None` where the server does not answer.
pub(crate) fn last_error(connection: &mut MysqlConnection) -> Option<i64> {
    #[derive(QueryableByName)]
    struct ServerError {
        #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
        code: Option<i64>,
    }
    // Diesel prepares every statement that has a result, and SHOW ERRORS cannot be prepared. The
    // error is the last condition, behind warnings.
    let read = "GET DIAGNOSTICS @conditions = NUMBER; \
         GET DIAGNOSTICS CONDITION @conditions @last_error = MYSQL_ERRNO";
    connection.batch_execute(read).ok()?;
    let error: ServerError = diesel::sql_query("SELECT CAST(@last_error AS SIGNED) AS code")
        .get_result(connection)
        .ok()?;
    error.code
}

/// Whether the server is a node of a Galera cluster. MySQL does not have the variable.
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

/// Makes this session's reads wait until the node has applied everything that the other nodes have
/// committed, or read as the server is configured.
pub(crate) fn set_causal_reads(connection: &mut MysqlConnection, on: bool) -> QueryResult<()> {
    let value = if on { "1" } else { "DEFAULT" };
    connection.batch_execute(&format!("SET SESSION wsrep_sync_wait = {value}"))
}

/// Whether the server accepts writes: a replica, or a server under maintenance, does not.
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

/// The settings with which the server loses commits in a power cut. `sync_binlog` counts where there
/// is a binary log: a replica, or a restored backup, would lack what the log lost.
pub(crate) fn weak_settings(connection: &mut MysqlConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = sql_types::BigInt)]
        flush: i64,
        #[diesel(sql_type = sql_types::BigInt)]
        log_bin: i64,
        #[diesel(sql_type = sql_types::BigInt)]
        sync_binlog: i64,
    }
    let settings: Settings = diesel::sql_query(
        "SELECT CAST(@@global.innodb_flush_log_at_trx_commit AS SIGNED) AS flush, \
         CAST(@@global.log_bin AS SIGNED) AS log_bin, \
         CAST(@@global.sync_binlog AS SIGNED) AS sync_binlog",
    )
    .get_result(connection)?;
    let mut weak = Vec::new();
    if settings.flush != 1 {
        weak.push(format!("innodb_flush_log_at_trx_commit is {}, not 1", settings.flush));
    }
    if settings.log_bin != 0 && settings.sync_binlog != 1 {
        weak.push(format!("sync_binlog is {}, not 1", settings.sync_binlog));
    }
    Ok(weak)
}
