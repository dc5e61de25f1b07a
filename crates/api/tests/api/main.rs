//! The service from outside: its binary, over real sockets, on every backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_requests;
mod bot_check;
mod browser_spans;
mod concurrency;
mod configuration;
mod connections;
mod corpus;
mod cors;
mod crash;
mod demo;
mod description;
mod desk;
mod doctor;
mod endpoints;
mod faults;
mod golden;
mod history;
mod idempotency;
mod languages;
mod lifecycle;
mod load;
mod memory;
mod other_store;
mod outage;
mod privacy;
mod problems;
mod prometheus;
mod rate_limit;
mod receivers;
mod registry;
mod reports;
mod support;
mod telemetry;
mod traces;
mod wire;

/// Trials that run at once, unless `--test-threads` says otherwise.
const TRIALS_AT_ONCE: usize = 4;

fn main() {
    let trials = [
        bad_requests::trials(),
        bot_check::trials(),
        browser_spans::trials(),
        concurrency::trials(),
        configuration::trials(),
        connections::trials(),
        corpus::trials(),
        cors::trials(),
        crash::trials(),
        demo::trials(),
        desk::trials(),
        doctor::trials(),
        endpoints::trials(),
        faults::trials(),
        golden::trials(),
        history::trials(),
        idempotency::trials(),
        languages::trials(),
        lifecycle::trials(),
        load::trials(),
        memory::trials(),
        other_store::trials(),
        outage::trials(),
        privacy::trials(),
        problems::trials(),
        prometheus::trials(),
        rate_limit::trials(),
        receivers::trials(),
        reports::trials(),
        telemetry::trials(),
        traces::trials(),
        wire::trials(),
    ];
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Most of a trial's time is spent waiting: for time limits, commits and telemetry.
    arguments.test_threads = arguments.test_threads.or(Some(TRIALS_AT_ONCE));
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    if !arguments.list {
        registry::run(arguments, &conclusion).exit_if_failed();
    }
    conclusion.exit();
}
