//! `staff`: invites people to the office, and lists them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "commands report to a terminal")]

use std::{error::Error, process::ExitCode};

use registration_application::desk::{
    RequestContext,
    staff::{FIRST_LINK_LIFETIME, Invitation, StaffError, invite},
};
use registration_domain::{Actor, DeskStore, EmailAddress, Role, read, write};
use registration_persistence::Database;

use super::{fail, stores};
use crate::{
    clock,
    config::{Config, StaffCommand},
    web::paths,
};

type CommandResult<T> = Result<T, Box<dyn Error>>;

/// Runs the command on the configured database, migrated unless that is turned off.
pub(super) fn staff(command: &StaffCommand, config: &Config) -> ExitCode {
    match run(command, config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

fn run(command: &StaffCommand, config: &Config) -> CommandResult<()> {
    if config.database.migrate {
        registration_persistence::migrate(&config.database.url)?;
    }
    let options = stores::pool_options(&config.database);
    let database = Database::open(config.database.url.clone(), options);
    let desk = stores::desk_stores(&config.database, &database).store;
    match command {
        StaffCommand::Add { email, role } => {
            let email = EmailAddress::parse(email).map_err(|_| "EMAIL is no e-mail address")?;
            let role = role.parse().map_err(|_| "ROLE must be viewer, registrar or admin")?;
            let invitation = add(&*desk, &email, role)?.map_err(|error| match error {
                StaffError::EmailTaken => {
                    "a person with this address exists: an administrator can give them a new link"
                        .into()
                }
                error => Box::<dyn Error>::from(error),
            })?;
            println!("{}", link(&invitation, config));
        }
        StaffCommand::List => {
            for person in read(&*desk, |desk| desk.staff())? {
                let state = match (person.is_active(), person.has_password) {
                    (false, _) => "disabled",
                    (true, false) => "invited",
                    (true, true) => "active",
                };
                println!(
                    "{}\t{}\t{state}\t{}",
                    person.email.as_str(),
                    person.role.as_str(),
                    person.name
                );
            }
        }
    }
    Ok(())
}

/// Invites the first administrator where the office is empty, and prints the link: as text on the
/// terminal, not as a log record, which others may read.
pub(super) fn invite_first(
    desk: &dyn DeskStore,
    email: &EmailAddress,
    config: &Config,
) -> CommandResult<()> {
    let everyone = read(desk, |desk| desk.staff())?;
    if everyone.iter().any(|person| person.has_password) {
        return Ok(());
    }
    if let Ok(invitation) = add(desk, email, Role::Admin)? {
        let link = link(&invitation, config);
        eprintln!(
            "\nThe office has no administrator yet. Open this link within an hour:\n\n  {link}\n"
        );
    }
    Ok(())
}

fn add(
    desk: &dyn DeskStore,
    email: &EmailAddress,
    role: Role,
) -> CommandResult<Result<Invitation, StaffError>> {
    let context = RequestContext { now: clock::now(), random: clock::random()?, trace_id: None };
    Ok(write(desk, |desk| invite(desk, email, role, FIRST_LINK_LIFETIME, Actor::System, context))?)
}

/// The whole link, as far as the service knows its address.
fn link(invitation: &Invitation, config: &Config) -> String {
    let path = format!("{}?token={}", paths::WELCOME, invitation.secret);
    match &config.http.public_url {
        Some(url) => url.of(&path),
        None => {
            let address = config.listen.application.sockets().first();
            let port = address.map_or(80, std::net::SocketAddr::port);
            format!("http://localhost:{port}{}{path}", config.http.base_path)
        }
    }
}
