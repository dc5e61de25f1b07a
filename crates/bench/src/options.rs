//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser};

/// Measure the service on one machine
#[derive(Debug, Parser)]
pub(crate) enum Options {
    /// Measure the service beside its limits and print their ratios
    Report(ReportOptions),
    /// Measure two builds of the service in alternated pairs and print their ratios
    Pairs(PairsOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Duration of each measurement, after a warm-up of half a second
    #[arg(long, env = "SECONDS_EACH", value_name = "SECONDS", default_value = "5")]
    pub(crate) seconds_each: f64,

    /// Number of rounds, each with every measurement; the medians are printed
    #[arg(long, env = "ROUNDS", default_value = "3")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// Numbers of connections for the service, with and without shared commits, and the bare
    /// handler. 64 is always measured
    #[arg(long, env = "CONNECTIONS", default_value = "8 64 256", value_delimiter = ' ')]
    pub(crate) connections: Vec<u32>,

    /// Number of rows of the large table; 0 skips it
    #[arg(long, env = "ROWS", default_value = "1000000")]
    pub(crate) rows: u64,

    /// File for a copy of the report
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PairsOptions {
    /// The build to compare with
    #[arg(long, env = "BEFORE", value_name = "PROGRAM")]
    pub(crate) before: PathBuf,

    /// The build to measure [default: the one beside this program]
    #[arg(long, env = "AFTER", value_name = "PROGRAM")]
    pub(crate) after: Option<PathBuf>,

    /// Number of pairs; the median and the range of their ratios are printed
    #[arg(long, env = "PAIRS", default_value = "12")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pairs: u32,

    /// Duration of each measurement, after a warm-up of half a second
    #[arg(long, env = "SECONDS_EACH", value_name = "SECONDS", default_value = "4")]
    pub(crate) seconds_each: f64,
}
