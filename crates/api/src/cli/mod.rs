//! The command line: one file a command.
#![expect(clippy::print_stderr, reason = "commands report to a terminal")]

mod doctor;
mod export;
mod healthcheck;
mod import;
mod migrate;
mod serve;
mod staff;
mod stores;

use std::{error::Error, ffi::OsString, process::ExitCode};

use registration_application::error_chain;

use crate::{
    config::{Arguments, Command, ConfigError},
    state::Stores,
};

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = Arguments::read(arguments);
    let command = arguments.requested_command();
    let config = match arguments.validate() {
        Ok(config) => config,
        Err(errors) if command == Command::Doctor => return doctor::report_config_errors(&errors),
        Err(errors) => return report_config_errors(&errors),
    };
    match command {
        Command::Serve => serve::serve(&config, serve::database_stores),
        Command::Migrate => migrate::migrate(&config.database),
        Command::Healthcheck => healthcheck::healthcheck(&config),
        Command::Doctor => doctor::doctor(&config),
        Command::Import(arguments) => import::import(&arguments, &config),
        Command::Export(arguments) => export::export(&arguments, &config),
        Command::Staff { command } => staff::staff(&command, &config),
    }
}

/// Serves over these stores instead of the configured database, with the options of `serve`.
pub fn serve_with(arguments: impl IntoIterator<Item = OsString>, stores: Stores) -> ExitCode {
    match Arguments::read(arguments).validate() {
        Ok(config) => serve::serve(&config, |_| Ok(stores)),
        Err(errors) => report_config_errors(&errors),
    }
}

/// Reports every error of the configuration.
fn report_config_errors(errors: &[ConfigError]) -> ExitCode {
    eprintln!("student-registration: invalid configuration:");
    for error in errors {
        eprintln!("  {error}");
    }
    eprintln!("student-registration --help lists every option.");
    ExitCode::from(2)
}

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("student-registration: {}", error_chain(error));
    ExitCode::FAILURE
}
