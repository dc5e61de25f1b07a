//! The observability stack with real programs, natively: the service on MariaDB, a collector, Prometheus
//! with the files of `infra/prometheus`, Alertmanager, the database's exporter. Time runs [`scaled::BY`]
//! times as fast in the rules, so that an alert over hours is seen in seconds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking; these also tell what they found"
)]

mod configuration;
mod drills;
mod expressions;
mod files;
mod healthy;
mod load;
mod program;
mod prometheus;
mod scaled;
mod stack;

fn main() {
    let trials = [scaled::trials(), healthy::trials(), drills::trials()];
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Each has a stack of its own, and two cores carry one.
    arguments.test_threads = Some(1);
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    let ran = conclusion.num_passed + conclusion.num_failed;
    assert!(arguments.list || ran > 0, "no such test runs here");
    conclusion.exit();
}
