//! The `registration-load` program: sends registrations to a running service, and says how it bore
//! them.
//!
//! ```text
//! cargo run --release -p registration-load -- --host http://localhost:5000 --runs 50
//! cargo run --release -p registration-load -- --duration 30 --rate 500 --concurrency 64 --p99 100
//! ```
//!
//! It shares the processor with what it measures, and so does as little as it can for a request.
//! `run.rs` is where to begin reading; `worker.rs` is what happens for each request. To add a kind
//! of request: a variant of `mix::Kind`, and its body in `people.rs`.

mod acknowledged;
mod arguments;
mod client;
mod host;
mod mix;
mod people;
mod progress;
mod report;
mod run;
mod schedule;
mod table;
mod tally;
mod thresholds;
mod worker;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

use crate::{arguments::Arguments, table::Table};

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = run::run(&arguments).and_then(|report| {
        let text = if arguments.json {
            report.remarks().iter().for_each(|remark| eprintln!("registration-load: {remark}"));
            format!("{}\n", report.to_json())
        } else {
            Table(&report).to_string()
        };
        let printed = io::stdout().write_all(text.as_bytes());
        printed.map_err(|error| format!("cannot print the result: {error}"))?;
        Ok(report.is_good())
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("registration-load: {error}");
            ExitCode::from(2)
        }
    }
}
