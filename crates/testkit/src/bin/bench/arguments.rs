//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Measures the service beside its limits, and prints what they are to each other
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// How long each is measured, after half a second that does not count
    #[arg(long, env = "SECONDS_EACH", default_value = "5")]
    pub(crate) seconds_each: f64,

    /// How often each is measured; the median is printed
    #[arg(long, env = "ROUNDS", default_value = "3", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// Connections at which the service, with and without the shared commit, and the bare handler
    /// are measured. At 64 everything is, named here or not
    #[arg(long, env = "CONNECTIONS", default_value = "8 64 256", value_delimiter = ' ')]
    pub(crate) connections: Vec<u32>,

    /// Rows of the large table; 0 leaves that part out
    #[arg(long, env = "ROWS", default_value = "1000000")]
    pub(crate) rows: u64,

    /// Write the report to this file too
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
