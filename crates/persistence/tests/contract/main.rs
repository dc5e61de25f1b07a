//! What every backend promises: one set of tests, run on each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod desk;
mod keys;
mod migrations;
mod outage;
mod students;
mod suite;
mod support;
mod telemetry;

fn main() {
    registration_testkit::telemetry::enable_all_callsites();
    let trials = [
        desk::trials(),
        keys::trials(),
        migrations::trials(),
        outage::trials(),
        students::trials(),
        suite::trials(),
        telemetry::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}
