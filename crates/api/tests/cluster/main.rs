//! The service on a real cluster: three MariaDB Galera nodes behind HAProxy, set up by the files of
//! `infra/galera`. Measures outages in seconds, and conflicts between two writers.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking; these also print what they measure"
)]

mod faults;
mod load;
mod migrations;
mod reads;
mod support;
mod unsynced;
mod writers;

fn main() {
    let trials = [
        faults::trials(),
        migrations::trials(),
        reads::trials(),
        unsynced::trials(),
        writers::trials(),
    ];
    let mut arguments = libtest_mimic::Arguments::from_args();
    // One at a time: they measure durations. Each has its own cluster and database.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit();
}
