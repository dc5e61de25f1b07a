//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser};
use registration_testkit::Backend;

/// Measure the service on one machine
#[derive(Debug, Parser)]
pub(crate) enum Options {
    /// Measure the service beside its limits and print their ratios
    Report(ReportOptions),
    /// Measure two builds of the service in alternated pairs and print their ratios
    Pairs(PairsOptions),
    /// Measure the registrar's desk on a large table, and print the figures beside their targets
    Desk(DeskOptions),
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

#[derive(Debug, Args)]
pub(crate) struct DeskOptions {
    /// Number of students
    #[arg(long, env = "STUDENTS", default_value = "100000")]
    #[arg(value_parser = clap::value_parser!(u64).range(1000..=10_000_000))]
    pub(crate) students: u64,

    /// Database of the service: mariadb or sqlite
    #[arg(long, env = "DATABASE", default_value = "mariadb", value_parser = backend)]
    pub(crate) database: Backend,

    /// Number of requests of each kind, for one registrar and for ten together
    #[arg(long, env = "REQUESTS", default_value = "1000")]
    #[arg(value_parser = clap::value_parser!(u64).range(10..=10_000))]
    pub(crate) requests: u64,

    /// Number of pairs of rushes, with and without searching registrars; 0 skips them
    #[arg(long, env = "PAIRS", default_value = "6")]
    pub(crate) pairs: u32,

    /// Duration of each rush
    #[arg(long, env = "SECONDS_EACH", value_name = "SECONDS", default_value = "3")]
    pub(crate) seconds_each: f64,

    /// The build to measure [default: the one beside this program]
    #[arg(long, env = "PROGRAM", value_name = "PROGRAM")]
    pub(crate) program: Option<PathBuf>,

    /// File for a copy of the report
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn backend(name: &str) -> Result<Backend, &'static str> {
    match name {
        "mariadb" => Ok(Backend::Mysql),
        "sqlite" => Ok(Backend::Sqlite),
        _ => Err("must be mariadb or sqlite"),
    }
}
