//! What the program does when told to: each command, and how it reports to a terminal.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "commands talk to a terminal")]

use std::{
    error::Error,
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
};

use registration_telemetry::{self as telemetry, registry::Registry};

use crate::{
    application::{Application, StopSignal},
    browser_spans,
    chain::chain,
    config::{Config, Mistake},
    middleware::panics,
    version::{self, VERSION},
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

/// What this crate lets be observed.
pub(crate) const TELEMETRY: &str = include_str!("../telemetry.toml");

/// What is not worth a line unless a filter asks for it by name. The HTTP parser reports what
/// clients send wrong as errors of its own: anybody could fill the log.
const NOISE: &str = "actix_server=warn,actix_http::h1::dispatcher=off";

/// The resource, and what is logged how.
pub(crate) fn telemetry_settings(config: &Config) -> telemetry::Settings {
    telemetry::Settings {
        service_name: "student-registration-service".to_owned(),
        service_namespace: "student-registration".to_owned(),
        service_version: VERSION.to_owned(),
        relayed_service_name: config.browser_telemetry.then(|| browser_spans::SERVICE.to_owned()),
        log_format: config.log_format,
        log_filter: format!("{NOISE},{}", config.log_filter),
    }
}

fn start_telemetry(config: &Config) -> Result<telemetry::Guard, telemetry::InitError> {
    let registries =
        vec![Registry::parse(TELEMETRY)?, Registry::parse(registration_persistence::TELEMETRY)?];
    telemetry::init(&telemetry_settings(config), registries)
}

/// Serves until told to stop.
pub(crate) fn serve(config: Config) -> ExitCode {
    let telemetry = match start_telemetry(&config) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error),
    };
    panics::log_locations_only();
    version::record();

    let served = actix_web::rt::System::new().block_on(async {
        // First of all, so that a stop that comes while the database is migrated is not lost.
        let stop = StopSignal::listen()?;
        let application = Application::build(config, &telemetry)?;
        Ok::<_, Box<dyn Error>>(application.run_until(stop).await?)
    });
    if let Err(error) = &served {
        tracing::error!(error = chain(&**error), "Could not serve");
    }
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
        Err(error) => {
            eprintln!("no answer from {}: {error}", config.listen);
            ExitCode::FAILURE
        }
    }
}

fn ask_ready(config: &Config) -> io::Result<String> {
    let mut connection = Err(io::ErrorKind::AddrNotAvailable.into());
    for socket in config.listen.sockets() {
        connection = TcpStream::connect_timeout(&reachable(*socket), config.request_timeout);
        if connection.is_ok() {
            break;
        }
    }
    let mut connection = connection?;
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

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("student-registration: {}", chain(error));
    ExitCode::FAILURE
}
