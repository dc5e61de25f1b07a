//! The service from outside: its binary, over real sockets, on every backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod admission;
mod browser_spans;
mod corpus;
mod crash;
mod doctor;
mod endpoints;
mod faults;
mod golden;
mod hostile;
mod languages;
mod lifecycle;
mod load;
mod once;
mod outage;
mod privacy;
mod problems;
mod prometheus;
mod receivers;
mod registry;
mod rush;
mod support;
mod telemetry;
mod traces;

fn main() {
    let trials = [
        admission::trials(),
        browser_spans::trials(),
        corpus::trials(),
        crash::trials(),
        doctor::trials(),
        endpoints::trials(),
        faults::trials(),
        golden::trials(),
        hostile::trials(),
        languages::trials(),
        lifecycle::trials(),
        load::trials(),
        once::trials(),
        outage::trials(),
        privacy::trials(),
        problems::trials(),
        prometheus::trials(),
        receivers::trials(),
        registry::trials(),
        rush::trials(),
        telemetry::trials(),
        traces::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}
