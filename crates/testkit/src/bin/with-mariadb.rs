//! Runs a command with `TEST_MYSQL_URL` naming a private server, removed afterwards: MySQL where
//! `TEST_SERVER_KIND` is `mysql`, otherwise MariaDB. A server that `TEST_MYSQL_URL` names already is used.
//!
//! ```text
//! with-mariadb [--settings FILE] COMMAND [ARGUMENT ...]
//! ```
#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "a tool of the test suite")]
#![allow(clippy::disallowed_methods, reason = "reads TEST_MYSQL_URL")]

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use registration_testkit::{DatabaseServer, ServerKind};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let settings = arguments.next_if(|first| first == "--settings").and_then(|_| arguments.next());
    let Some(program) = arguments.next() else {
        eprintln!("usage: with-mariadb [--settings FILE] COMMAND [ARGUMENT ...]");
        return ExitCode::from(2);
    };
    let mut command = Command::new(program);
    command.args(arguments);

    let given = std::env::var("TEST_MYSQL_URL").is_ok_and(|url| !url.is_empty());
    let server = (!given).then(|| DatabaseServer::start_with(settings.as_deref().map(Path::new)));
    if let Some(server) = &server {
        command.env("TEST_MYSQL_URL", server.url());
    }
    let kind = ServerKind::from_env();
    eprintln!(
        "Database server: {}",
        if given { "TEST_MYSQL_URL".into() } else { format!("private {kind:?}") }
    );
    let status = command.status().unwrap();
    drop(server);
    ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}
