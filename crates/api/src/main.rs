//! The `student-registration` program: reads its configuration, then does what it was told.

mod app;
mod application;
mod assets;
mod blocking;
mod body;
mod chain;
mod clock;
mod commands;
mod config;
mod middleware;
mod negotiation;
mod pages;
mod problem;
mod routes;
mod version;
mod words;

use clap::Parser as _;
use config::{Arguments, Command};

fn main() -> std::process::ExitCode {
    let (command, config) = match Arguments::parse().validate() {
        Ok(valid) => valid,
        Err(mistakes) => return commands::refuse(&mistakes),
    };
    match command {
        Command::Serve => commands::serve(config),
        Command::Migrate => commands::migrate(&config),
        Command::Healthcheck => commands::healthcheck(&config),
    }
}
