//! What every backend promises: one suite, run on each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod keys;
mod migrations;
mod outage;
mod students;
mod support;
mod telemetry;
mod together;

fn main() {
    registration_testkit::telemetry::enable_all_callsites();
    let trials = [
        keys::trials(),
        migrations::trials(),
        outage::trials(),
        students::trials(),
        telemetry::trials(),
        together::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}
