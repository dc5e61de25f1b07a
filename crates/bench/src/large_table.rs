//! The same load on an empty table and on a large one.

use std::time::{Duration, Instant};

use crate::{
    insert::Inserts,
    limits::migrated_database,
    options::ReportOptions,
    progress::progress,
    rounds::{MAIN, once},
    running::{Running, count_rows},
    sample::Samples,
    subject::MARIADB,
};

/// One sample of both per round.
pub(crate) struct LargeTable {
    /// How long it took to fill the table.
    pub(crate) filling: Duration,
    pub(crate) empty: Samples,
    pub(crate) large: Samples,
}

impl LargeTable {
    /// `None` if it is skipped.
    pub(crate) fn measure(options: &ReportOptions) -> Option<Self> {
        let (max_rows, seconds) = (options.rows, options.seconds_each);
        if max_rows == 0 {
            return None;
        }
        progress(&format!("filling a table with {max_rows} rows"));
        let begun = Instant::now();
        let database = migrated_database();
        // The fastest way on a small machine.
        let (connections, rows_per_transaction) = (2, 1000);
        let max_duration = Duration::MAX;
        Inserts { connections, rows_per_transaction, max_rows, max_duration }.run(database.url());
        assert_eq!(count_rows(&database), max_rows);
        // Written to disk now, not during the next measurement.
        database.execute("FLUSH TABLES students FOR EXPORT; UNLOCK TABLES");
        let filling = begun.elapsed();
        let (mut empty, mut large) = (Samples::default(), Samples::default());
        for round in 1..=options.rounds {
            progress(&format!("round {round} of {}: an empty and a large table", options.rounds));
            empty.0.push(once(MARIADB, MAIN, seconds));
            let mut running = Running::start(MARIADB, &database);
            running.warm_up(MAIN);
            large.0.push(running.measure(MAIN, seconds));
            running.stop();
        }
        Some(Self { filling, empty, large })
    }
}
