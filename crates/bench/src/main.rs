//! `make bench` measures the service beside its limits; `make bench-pairs` measures two builds of it
//! in alternated pairs; `make bench-desk` measures the registrar's desk. [docs/performance.md] explains
//! the figures.
//!
//! - `options.rs`: the command line.
//! - `subject.rs`: what is measured; `running.rs`: a running subject; `process.rs`: its process.
//! - `sample.rs`: the result of one measurement; `ratio.rs`: of two.
//! - `rounds.rs`, `limits.rs`, `sequential.rs`, `large_table.rs`, `overload.rs`, `receivers.rs`: the
//!   parts of the report; `report.rs`, `machine.rs`: its text.
//! - `insert.rs`: rows written without the service.
//! - `pairs.rs`: two builds of the service.
//! - `desk/`: the registrar's desk.
//!
//! A program that does not run, or a table that does not hold exactly the acknowledged
//! registrations, ends the run with an error. No figure does.
//!
//! [docs/performance.md]: ../../../docs/performance.md
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool that stops where it cannot measure"
)]

mod desk;
mod insert;
mod large_table;
mod limits;
mod machine;
mod options;
mod overload;
mod pairs;
mod process;
mod progress;
mod ratio;
mod receivers;
mod report;
mod rounds;
mod running;
mod sample;
mod sequential;
mod subject;

use std::path::Path;

use clap::Parser as _;

use crate::{desk::Desk, options::Options, pairs::Pairs, report::Report};

fn main() {
    match Options::parse() {
        Options::Report(options) => {
            publish(&Report::measure(&options).to_string(), options.output.as_deref());
        }
        Options::Pairs(options) => print!("{}", Pairs::measure(&options)),
        Options::Desk(options) => {
            publish(&Desk::measure(&options).to_string(), options.output.as_deref());
        }
    }
}

/// Prints the report, and writes a copy of it.
fn publish(report: &str, output: Option<&Path>) {
    print!("{report}");
    if let Some(file) = output {
        std::fs::write(file, report).expect("cannot write --output");
    }
}
