//! `migrate`: applies pending migrations.
#![expect(clippy::print_stdout, reason = "commands report to a terminal")]

use std::process::ExitCode;

use super::fail;
use crate::config::DatabaseConfig;

/// Applies pending migrations and prints them.
pub(super) fn migrate(config: &DatabaseConfig) -> ExitCode {
    let url = &config.url;
    match registration_persistence::migrate(url) {
        Ok(applied) if applied.is_empty() => println!("{url}: nothing to do"),
        Ok(applied) => println!("{url}: applied {}", applied.join(", ")),
        Err(error) => return fail(&error),
    }
    ExitCode::SUCCESS
}
