//! The `registration-load` program.
//!
//! ```text
//! registration-load --host http://localhost:5000 --duration 30 --rate 500 --concurrency 64
//! ```

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use registration_load::Options;

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("registration-load: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let ctrl_c = async { drop(tokio::signal::ctrl_c().await) };
    let report = registration_load::run(options, ctrl_c)?;
    let passed = report.has_passed();
    if options.json {
        writeln!(io::stdout(), "{}", serde_json::to_string(&report)?)?;
        if !passed {
            writeln!(io::stderr(), "registration-load: {}", report.verdict())?;
        }
    } else {
        write!(io::stdout(), "{report}")?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
