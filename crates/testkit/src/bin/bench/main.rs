//! `make bench`: measures the service beside its limits, all in turn on one machine, and prints what
//! they are to each other. [docs/performance.md] says how to read it.
//!
//! It is a package's program among the tests' tools and not the load generator's, since it counts
//! rows in both kinds of database, which that must not know.
//!
//! - `arguments.rs`: what can be asked for.
//! - `subject.rs`: what is measured, each with its environment.
//! - `running.rs`: one of them, running; `process.rs`: what the system says about it.
//! - `load.rs`: the load generator, run once; `sample.rs`: what came of it.
//! - `rounds.rs`, `limits.rs`, `idle.rs`, `large.rs`, `overload.rs`: the parts.
//! - `ratio.rs`, `report.rs`, `machine.rs`: what is printed.
//!
//! What does not run, and a row too many or too few, ends it with a status that is not 0. No figure
//! does.
//!
//! [docs/performance.md]: ../../../../../docs/performance.md
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool that stops where it cannot measure, and says so"
)]

mod arguments;
mod idle;
mod large;
mod limits;
mod load;
mod machine;
mod overload;
mod process;
mod ratio;
mod report;
mod rounds;
mod running;
mod sample;
mod subject;

use std::time::Instant;

use clap::Parser as _;

use crate::{
    arguments::Arguments, idle::Idle, large::Large, machine::Machine, overload::Overload,
    report::Report, rounds::Rounds,
};

fn main() {
    let arguments = Arguments::parse();
    let begun = Instant::now();
    let machine = Machine::look();
    let rounds = Rounds::run(&arguments);
    let idle = Idle::run();
    let large = Large::run(&arguments);
    let overload = Overload::run(&arguments);
    let took = begun.elapsed();
    let report = Report { arguments: &arguments, machine, rounds, idle, large, overload, took };
    let report = report.to_string();
    print!("{report}");
    if let Some(file) = &arguments.output {
        std::fs::write(file, &report).expect("cannot write --output");
    }
}

/// Says what is being done, to whoever watches.
fn say(what: &str) {
    eprintln!("bench: {what}");
}
