//! The `student-registration` program: reads its configuration, then does what it was told.

mod admission;
mod app;
mod application;
mod assets;
mod blocking;
mod body;
mod browser_spans;
mod chain;

mod clock;
mod commands;
mod config;
mod doctor;
#[cfg(test)]
mod documentation;

mod faults;
mod housekeeping;
mod in_progress;

mod middleware;
mod negotiation;
mod observed;
mod pages;
mod problem;
mod reference;
mod registering;
mod routes;
mod version;
mod words;

use clap::Parser as _;
use config::{Arguments, Command};

/// Requests are full of small values that one thread makes and another gives back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.requested();
    let config = match arguments.validate() {
        Ok(config) => config,
        Err(mistakes) if command == Command::Doctor => return doctor::refuse(&mistakes),
        Err(mistakes) => return commands::refuse(&mistakes),
    };
    match command {
        Command::Serve => commands::serve(config),
        Command::Migrate => commands::migrate(&config),
        Command::Healthcheck => commands::healthcheck(&config),
        Command::Doctor => doctor::examine(&config),
    }
}
