//! Reads that lock what they find until the end of the transaction, and see what is committed last.

/// Runs a query by `$method`, locking what it finds. On SQLite the transaction holds the file's lock.
/// The query is expanded for each backend: where its type depends on the backend, write it as the argument.
macro_rules! locked {
    ($query:expr, $method:ident, $connection:expr) => {
        match $connection {
            #[cfg(feature = "mysql")]
            $crate::connection::session::DatabaseConnection::Mysql(connection) => {
                $query.for_update().$method(connection)
            }
            #[cfg(feature = "sqlite")]
            $crate::connection::session::DatabaseConnection::Sqlite(connection) => {
                $query.$method(connection)
            }
        }
    };
}
pub(crate) use locked;
