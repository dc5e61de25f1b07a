//! `healthcheck`: asks the running service whether it is ready.
#![expect(clippy::print_stderr, reason = "commands report to a terminal")]

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use crate::{
    config::{Address, Config, ListenConfig},
    web::paths::READY,
};

/// How long the application may take: an orchestrator gives the whole check a few seconds.
const APPLICATION_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks the service on this machine whether it is ready: the application, or else the admin listener,
/// which answers while clients hold every connection of the application.
pub(crate) fn healthcheck(config: &Config) -> ExitCode {
    let ListenConfig { application, admin, .. } = &config.listen;
    let timeout = config.http.request_timeout;
    let mut answer = ask_ready(application, APPLICATION_TIMEOUT.min(timeout));
    if let Some(admin) = admin.as_ref().filter(|_| answer.is_err()) {
        answer = ask_ready(admin, timeout).or(answer);
    }
    match answer {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => ExitCode::SUCCESS,
        Ok(answer) => {
            eprintln!("not ready: {}", answer.split("\r\n\r\n").nth(1).unwrap_or(&answer));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("no answer from {application}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ask_ready(address: &Address, timeout: Duration) -> io::Result<String> {
    let mut connection = Err(io::ErrorKind::AddrNotAvailable.into());
    for socket in address.sockets() {
        connection = TcpStream::connect_timeout(&reachable(*socket), timeout);
        if connection.is_ok() {
            break;
        }
    }
    let mut connection = connection?;
    connection.set_read_timeout(Some(timeout))?;
    let request = format!("GET {READY} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    Ok(response)
}

/// The address at which a service that listens on `socket` is reached from this machine.
fn reachable(mut socket: SocketAddr) -> SocketAddr {
    if socket.ip().is_unspecified() {
        socket.set_ip(match socket.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    socket
}
