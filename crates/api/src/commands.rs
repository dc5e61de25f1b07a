//! What the program does when told to: each command, and how it reports to a terminal.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "commands talk to a terminal")]

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
};

use registration_telemetry as telemetry;

use crate::{
    application::Application,
    config::{Config, Mistake},
    middleware::metrics,
};

/// Reports everything that is wrong with the configuration.
pub(crate) fn refuse(mistakes: &[Mistake]) -> ExitCode {
    eprintln!("student-registration: the configuration cannot be used:");
    for mistake in mistakes {
        eprintln!("  {mistake}");
    }
    eprintln!("student-registration --help lists every option.");
    ExitCode::from(2)
}

/// Serves until told to stop.
pub(crate) fn serve(config: Config) -> ExitCode {
    let telemetry = telemetry::init(&telemetry::Settings {
        service_name: config.service_name.clone(),
        log_format: config.log_format,
        log_filter: config.log_filter.clone(),
        histograms: metrics::HISTOGRAMS.to_vec(),
    });
    let telemetry = match telemetry {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error),
    };
    metrics::describe();

    let served = actix_web::rt::System::new().block_on(async {
        let application = Application::build(config, telemetry.metrics())?;
        Ok::<_, Box<dyn Error>>(application.run_until_stopped().await?)
    });
    drop(telemetry);
    served.map_or_else(|error| fail(&*error), |()| ExitCode::SUCCESS)
}

/// Brings the database's tables up to date.
pub(crate) fn migrate(config: &Config) -> ExitCode {
    let url = &config.database_url;
    match registration_persistence::migrate(url) {
        Ok(ran) if ran.is_empty() => println!("{url}: nothing to do"),
        Ok(ran) => println!("{url}: ran {}", ran.join(", ")),
        Err(error) => return fail(&error),
    }
    ExitCode::SUCCESS
}

/// Asks the service on this machine whether it is ready.
pub(crate) fn healthcheck(config: &Config) -> ExitCode {
    match ask_ready(config) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => ExitCode::SUCCESS,
        Ok(answer) => {
            eprintln!("not ready: {}", answer.split("\r\n\r\n").nth(1).unwrap_or(&answer));
            ExitCode::FAILURE
        }
        Err(error) => fail(&error),
    }
}

fn ask_ready(config: &Config) -> std::io::Result<String> {
    let sockets: Vec<_> = config.listen.sockets().iter().copied().map(reachable).collect();
    let mut connection = TcpStream::connect(&*sockets)?;
    connection.set_read_timeout(Some(config.request_timeout))?;
    connection
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Where to reach a service that listens on `socket`: one that listens everywhere is here as well.
fn reachable(mut socket: SocketAddr) -> SocketAddr {
    if socket.ip().is_unspecified() {
        socket.set_ip(match socket.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    socket
}

/// Says what went wrong, with all its causes.
fn fail(error: &dyn Error) -> ExitCode {
    eprint!("student-registration: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}
