//! The same load on a table that is empty and on one that is large.

use std::time::{Duration, Instant};

use registration_testkit::{Backend, TestDatabase};

use crate::{
    arguments::Arguments,
    limits::insert,
    rounds::{MAIN, once},
    running::{Running, rows},
    sample::Samples,
    say,
    subject::MARIADB,
};

/// Written by one statement, over so many connections: the quickest on a small machine.
const FILL: [&str; 2] = ["--rows-per-transaction=1000", "--connections=2"];

/// What both have measured, one sample a round.
pub(crate) struct Large {
    /// How long it took to fill the table.
    pub(crate) filling: Duration,
    pub(crate) empty: Samples,
    pub(crate) large: Samples,
}

impl Large {
    /// Nothing where it is left out.
    pub(crate) fn run(arguments: &Arguments) -> Option<Self> {
        let (wanted, seconds) = (arguments.rows, arguments.seconds_each);
        if wanted == 0 {
            return None;
        }
        say(&format!("filling a table with {wanted} rows"));
        let begun = Instant::now();
        let database = TestDatabase::new(Backend::Mysql);
        // Makes the tables.
        Running::start(MARIADB, &database).stop();
        let fill = FILL.iter().map(|&argument| argument.to_owned());
        insert(&database, &fill.chain([format!("--rows={wanted}")]).collect::<Vec<_>>());
        assert_eq!(rows(&database), wanted);
        // To the disk now, and not while something else is measured.
        database.execute("FLUSH TABLES students FOR EXPORT; UNLOCK TABLES");
        let filling = begun.elapsed();
        let (mut empty, mut large) = (Samples::default(), Samples::default());
        for round in 1..=arguments.rounds {
            say(&format!("round {round} of {}: an empty and a large table", arguments.rounds));
            empty.0.push(once(MARIADB, MAIN, seconds));
            let mut running = Running::start(MARIADB, &database);
            running.warm_up(MAIN);
            large.0.push(running.measure(MAIN, seconds));
            running.stop();
        }
        Some(Self { filling, empty, large })
    }
}
