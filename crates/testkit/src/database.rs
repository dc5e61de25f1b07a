//! An empty database of a test's own.

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{
    Connection as _, MysqlConnection, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _, sql_types,
};
use tempfile::TempDir;

use crate::DatabaseServer;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// An SQLite file.
    Sqlite,
    /// A MySQL or MariaDB server.
    Mysql,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Mysql];

    /// Why this backend cannot be tested here, if so.
    #[must_use]
    pub fn skip_reason(self) -> Option<&'static str> {
        match self {
            Self::Mysql if server_url().is_none() => {
                Some("TEST_MYSQL_URL is not set (make test sets it)")
            }
            Self::Sqlite | Self::Mysql => None,
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Mysql => "mysql",
        })
    }
}

/// `TEST_MYSQL_URL`: a server on which tests may create databases, as
/// `mysql://user:password@host:port/`.
fn server_url() -> Option<String> {
    let url = std::env::var("TEST_MYSQL_URL").ok().filter(|url| !url.is_empty())?;
    Some(if url.ends_with('/') { url } else { format!("{url}/") })
}

/// An empty database, gone when dropped.
pub struct TestDatabase {
    backend: Backend,
    url: String,
    name: String,
    server: String,
    folder: Option<TempDir>,
}

impl TestDatabase {
    /// An empty database of this kind. On [`Backend::Mysql`] on the server that `TEST_MYSQL_URL`
    /// names.
    ///
    /// # Panics
    ///
    /// Where there is no such server: ask [`Backend::skip_reason`] first.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::Builder::new().prefix("registration-").tempdir().unwrap();
                let path = folder.path().join("registration.db").display().to_string();
                let url = format!("sqlite://{path}");
                Self { backend, url, name: path, server: String::new(), folder: Some(folder) }
            }
            Backend::Mysql => Self::on_server(&server_url().expect("TEST_MYSQL_URL")),
        }
    }

    /// An empty database on a server of the test's own.
    #[must_use]
    pub fn on(server: &DatabaseServer) -> Self {
        Self::on_server(&server.url())
    }

    fn on_server(server: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Unlike a process id, the time differs between machines that share a server.
        let time = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let name = format!("registration_test_{time}_{number}");
        let mut connection = MysqlConnection::establish(server).unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).unwrap();
        let url = format!("{server}{name}");
        Self { backend: Backend::Mysql, url, name, server: server.to_owned(), folder: None }
    }

    /// What kind of database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// What `DATABASE_URL` takes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL with this `user:password` in place of its own.
    #[must_use]
    pub fn url_as(&self, credentials: &str) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap();
        let (_, place) = rest.rsplit_once('@').unwrap();
        format!("{scheme}://{credentials}@{place}")
    }

    /// The schema's name on a server, the file's path in SQLite.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements over a connection of the test's own.
    pub fn execute(&self, sql: &str) {
        match self.backend {
            Backend::Sqlite => self.sqlite().batch_execute(sql).unwrap(),
            Backend::Mysql => self.mysql().batch_execute(sql).unwrap(),
        }
    }

    /// Inserts an address in a transaction that stays open, with its locks, until it is dropped: an
    /// insert of the same address waits, and on SQLite every insert does.
    #[must_use]
    pub fn lock_email(&self, email: &str) -> OpenTransaction {
        let sql = format!(
            "INSERT INTO students \
             (public_id, first_name, last_name, email, email_key, created_at) \
             VALUES ('0123456789abcdef', 'a', 'b', '{email}', '{email}', '2026-09-01')"
        );
        match self.backend {
            Backend::Sqlite => {
                let mut connection = self.sqlite();
                connection.batch_execute(&format!("BEGIN IMMEDIATE; {sql}")).unwrap();
                OpenTransaction::Sqlite(connection)
            }
            Backend::Mysql => {
                let mut connection = self.mysql();
                connection.batch_execute(&format!("BEGIN; {sql}")).unwrap();
                OpenTransaction::Mysql(connection)
            }
        }
    }

    /// The first column, called `value`, of every row that `sql` selects, as text.
    #[must_use]
    pub fn query_column(&self, sql: &str) -> Vec<String> {
        match self.backend {
            Backend::Sqlite => {
                let rows: Vec<Text> = diesel::sql_query(sql).load(&mut self.sqlite()).unwrap();
                rows.into_iter().map(|row| row.value).collect()
            }
            Backend::Mysql => mysql_column(&mut self.mysql(), sql).unwrap(),
        }
    }

    /// The e-mail addresses in the table, sorted.
    #[must_use]
    pub fn emails(&self) -> Vec<String> {
        self.query_column("SELECT email AS value FROM students ORDER BY email_key")
    }

    fn sqlite(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(&self.name).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
        connection
    }

    fn mysql(&self) -> MysqlConnection {
        MysqlConnection::establish(&self.url).unwrap()
    }
}

/// A row of [`TestDatabase::query_column`].
#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    value: String,
}

/// As [`TestDatabase::query_column`], over any connection to a server.
pub(crate) fn mysql_column(
    connection: &mut MysqlConnection,
    sql: &str,
) -> diesel::QueryResult<Vec<String>> {
    let rows: Vec<Text> = diesel::sql_query(sql).load(connection)?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// An open transaction of a test's own, rolled back when dropped unless it is committed before.
pub enum OpenTransaction {
    /// In an SQLite file.
    Sqlite(SqliteConnection),
    /// On a server.
    Mysql(MysqlConnection),
}

impl OpenTransaction {
    /// Commits it.
    ///
    /// # Panics
    ///
    /// Where the database does not.
    pub fn commit(mut self) {
        match &mut self {
            Self::Sqlite(connection) => connection.batch_execute("COMMIT").unwrap(),
            Self::Mysql(connection) => connection.batch_execute("COMMIT").unwrap(),
        }
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        // Closing the connection would do as well, but a server takes its time to notice.
        let _ = match self {
            Self::Sqlite(connection) => connection.batch_execute("ROLLBACK"),
            Self::Mysql(connection) => connection.batch_execute("ROLLBACK"),
        };
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.folder.is_none()
            && let Ok(mut connection) = MysqlConnection::establish(&self.server)
        {
            // A server that the test has killed takes its databases with it.
            let _ = connection.batch_execute(&format!("DROP DATABASE IF EXISTS {}", self.name));
        }
    }
}
