//! How long the service takes to write the journal and the search index from nothing.

use std::time::{Duration, Instant};

use registration_testkit::TestDatabase;

use super::registrars::pause;
use crate::{progress::progress, running::Running};

/// How often the tables are looked at.
const INTERVAL: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(3600);

/// The index of a table, from the start of the service.
pub(crate) struct Indexing {
    /// Until every student has an entry in the journal, and until every entry is sealed.
    pub(crate) covered: Duration,
    pub(crate) sealed: Duration,
    /// Until every student is found by the index.
    pub(crate) indexed: Duration,
    pub(crate) entries: u64,
    pub(crate) seals: u64,
    /// Of the service.
    pub(crate) cpu: Duration,
    /// In MiB.
    pub(crate) peak_memory: f64,
}

impl Indexing {
    /// Waits for the index of a service that was started at `begun`.
    pub(crate) fn wait(begun: Instant, running: &mut Running<'_>, database: &TestDatabase) -> Self {
        let number = |sql: &str| number(database, sql);
        let students = number("COUNT(*) FROM students");
        let last = number("MAX(id) FROM students");
        let mut until = |what: &str, is_done: &dyn Fn() -> bool| {
            progress(&format!("waiting until every student is {what}"));
            while !is_done() {
                assert!(!running.process.has_ended() && begun.elapsed() < TIMEOUT, "not {what}");
                pause(INTERVAL);
            }
            begun.elapsed()
        };
        let covered =
            until("covered", &|| number("COALESCE(SUM(members), 0) FROM journal") >= students);
        let entries = number("COUNT(*) FROM journal");
        let sealed = until("sealed", &|| number("COUNT(*) FROM journal_seals") >= entries);
        // In the order of their numbers.
        let indexed = until("indexed", &|| {
            number("COALESCE(MAX(student_id), 0) FROM student_search") >= last
        });
        assert_eq!(number("COUNT(*) FROM student_search"), students);
        let seals = number("COUNT(*) FROM seals");
        let (cpu, peak_memory) = (running.process.cpu_time(), running.process.peak_memory());
        Self { covered, sealed, indexed, entries, seals, cpu, peak_memory }
    }
}

fn number(database: &TestDatabase, sql: &str) -> u64 {
    let rows = database.query_column(&format!("SELECT CAST((SELECT {sql}) AS CHAR) AS value"));
    rows[0].parse().unwrap()
}
