//! The service from outside: its binary, over real sockets, on every backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod corpus;
mod crash;
mod endpoints;
mod hostile;
mod lifecycle;
mod outage;
mod problems;
mod rush;
mod support;
mod telemetry;

fn main() {
    let trials = [
        corpus::trials(),
        crash::trials(),
        endpoints::trials(),
        hostile::trials(),
        lifecycle::trials(),
        outage::trials(),
        problems::trials(),
        rush::trials(),
        telemetry::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}
