//! The database alone: rows written into the same table on the same server, by nobody's service.

use std::fmt;

use registration_testkit::{Backend, TestDatabase};
use serde_json::Value;

use crate::{
    process::{output, program},
    running::rows,
};

/// A way to write rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) rows_per_transaction: u32,
    pub(crate) connections: u32,
}

const fn limit(rows_per_transaction: u32, connections: u32) -> Limit {
    Limit { rows_per_transaction, connections }
}

/// One row over as many connections as the service's pool has, and over as many as clients; a
/// hundred over few. The better of each counts.
pub(crate) const LIMITS: [Limit; 4] = [limit(1, 10), limit(1, 64), limit(100, 1), limit(100, 4)];

impl Limit {
    /// Rows a second, in a database of its own. Ends everything where the table does not hold what
    /// was written.
    pub(crate) fn measure(self, seconds: f64) -> f64 {
        let database = TestDatabase::new(Backend::Mysql);
        let mut migrate = program("student-registration");
        output(migrate.env("DATABASE_URL", database.url()).arg("migrate"));
        let result = insert(
            &database,
            &[
                format!("--connections={}", self.connections),
                format!("--rows-per-transaction={}", self.rows_per_transaction),
                format!("--seconds={seconds}"),
            ],
        );
        assert_eq!(result["rows"].as_u64(), Some(rows(&database)), "{result}");
        result["rows_per_second"].as_f64().unwrap()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = match self.rows_per_transaction {
            1 => "one row".to_owned(),
            rows => format!("{rows} rows"),
        };
        write!(f, "{rows} a transaction, {} connections", self.connections)
    }
}

/// Runs `insert-rows`; what it prints.
pub(crate) fn insert(database: &TestDatabase, arguments: &[String]) -> Value {
    let printed = output(program("insert-rows").arg(database.url()).args(arguments));
    serde_json::from_str(&printed).unwrap()
}
