//! The limits of the database: rows written into the same table without the service.

use std::{fmt, process::Command, time::Duration};

use registration_testkit::{Backend, TestDatabase};

use crate::{
    insert::Inserts,
    process::{command, output, sibling},
    running::count_rows,
};

/// A way to write rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) rows_per_transaction: u64,
    pub(crate) connections: u32,
}

const fn limit(rows_per_transaction: u64, connections: u32) -> Limit {
    Limit { rows_per_transaction, connections }
}

/// One row over as many connections as the service's pool, and as there are clients; a hundred over
/// few. The faster of each pair counts.
pub(crate) const LIMITS: [Limit; 4] = [limit(1, 10), limit(1, 64), limit(100, 1), limit(100, 4)];

impl Limit {
    /// Rows per second, in a database of its own.
    pub(crate) fn measure(self, seconds: f64) -> f64 {
        let database = migrated_database();
        let inserts = Inserts {
            connections: self.connections,
            rows_per_transaction: self.rows_per_transaction,
            max_rows: u64::MAX,
            max_duration: Duration::from_secs_f64(seconds),
        };
        let (rows, elapsed) = inserts.run(database.url());
        assert_eq!(rows, count_rows(&database));
        rows as f64 / elapsed.as_secs_f64()
    }
}

/// A new database with the service's tables.
pub(crate) fn migrated_database() -> TestDatabase {
    let database = TestDatabase::new(Backend::Mysql);
    let mut migrate: Command = command(&sibling("student-registration"));
    output(migrate.env("DATABASE_URL", database.url()).arg("migrate"));
    database
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = match self.rows_per_transaction {
            1 => "one row".to_owned(),
            rows => format!("{rows} rows"),
        };
        write!(f, "{rows} per transaction, {} connections", self.connections)
    }
}
