//! `healthcheck`: asks the running service whether it is ready.
#![expect(clippy::print_stderr, reason = "commands report to a terminal")]

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
};

use crate::{
    config::{Address, Config},
    web::paths::READY,
};

/// Asks the service on this machine whether it is ready.
pub(crate) fn healthcheck(config: &Config) -> ExitCode {
    match ask_ready(config) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => ExitCode::SUCCESS,
        Ok(answer) => {
            eprintln!("not ready: {}", answer.split("\r\n\r\n").nth(1).unwrap_or(&answer));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("no answer from {}: {error}", asked(config));
            ExitCode::FAILURE
        }
    }
}

/// The admin listener, which answers while clients hold every connection of the application; the
/// application's where there is none.
fn asked(config: &Config) -> &Address {
    config.listen.admin.as_ref().unwrap_or(&config.listen.application)
}

fn ask_ready(config: &Config) -> io::Result<String> {
    let mut connection = Err(io::ErrorKind::AddrNotAvailable.into());
    for socket in asked(config).sockets() {
        connection = TcpStream::connect_timeout(&reachable(*socket), config.http.request_timeout);
        if connection.is_ok() {
            break;
        }
    }
    let mut connection = connection?;
    connection.set_read_timeout(Some(config.http.request_timeout))?;
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
