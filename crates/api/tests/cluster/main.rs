//! The service on a real cluster: three MariaDB Galera nodes behind HAProxy, set up by the files of
//! `infra/galera`. How it takes faults, in seconds; what two writers do to each other.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking; these also tell what they measure"
)]

mod faults;
mod load;
mod migrating;
mod reading;
mod support;
mod unsynced;
mod writers;

fn main() {
    let trials = [
        faults::trials(),
        migrating::trials(),
        reading::trials(),
        unsynced::trials(),
        writers::trials(),
    ];
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Each has a cluster and a database of its own, but they measure seconds: one after the other.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit();
}
