//! The service: its listeners, its background jobs and its shutdown.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::atomic::Ordering,
    time::Duration,
};

use actix_web::{
    App,
    body::MessageBody,
    dev::{self, ServiceRequest, ServiceResponse},
    http::header::LINK,
    middleware::{Condition, Next, from_fn},
    rt,
    web::Data,
};
use registration_application::jobs;
use registration_telemetry::Guard;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_actix_web::TracingLogger;

use crate::{
    clock,
    config::{Address, Config, HttpConfig},
    connection::{self, ConnectionLimits, TimeLimits},
    features::demo::{Demo, aliases, chain::ListenAddress},
    office::OfficeWiring,
    routes,
    state::{AppState, Stores},
    web::{
        base_path,
        client_address::TrustedProxies,
        middleware::{cors, headers, metrics, problems, root_span::RequestSpan},
    },
};

/// How long an idle connection of the admin listener stays open: longer than probes and scrapes
/// are apart would let a few clients hold every connection.
const ADMIN_KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How much longer than its own limits a request may take before its connection is closed.
const REQUEST_GRACE: Duration = Duration::from_secs(5);

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot start a thread or read random bytes")]
    Resources(#[source] io::Error),
    #[error("cannot listen on {address} ({variable})")]
    Listen {
        variable: &'static str,
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
}

/// The service: bound to its addresses, not running yet.
pub(crate) struct Server {
    state: AppState,
    http: HttpConfig,
    application: dev::Server,
    admin: Option<dev::Server>,
}

impl Server {
    /// Wires the service over these stores and binds its listeners.
    pub(crate) fn bind(
        config: &Config,
        stores: Stores,
        limits: ConnectionLimits,
        telemetry: &Guard,
    ) -> Result<Self, StartError> {
        let faults = config.registration.faults;
        if faults.any() {
            tracing::warn!(faults = %faults, "Fault injection enabled");
        }
        let state = AppState::new(config, stores, telemetry).map_err(StartError::Resources)?;
        let application = application_server(&state, config, limits)?;
        let admin = config.listen.admin.as_ref();
        let admin = admin.map(|address| admin_server(&state, &config.http, address, limits));
        let admin = admin.transpose()?;
        Ok(Self { state, http: config.http.clone(), application, admin })
    }

    /// Serves until the signal, then drains.
    pub(crate) async fn run_until(self, mut stop: StopSignal) -> io::Result<()> {
        let application = self.application.handle();
        let admin = self.admin.as_ref().map(dev::Server::handle);
        let mut running = rt::spawn(self.application);
        if let Some(admin) = self.admin {
            rt::spawn(admin);
        }
        let mut jobs = vec![
            rt::spawn(jobs::drop_full_quotas(self.state.limits)),
            rt::spawn(jobs::watch_durability(self.state.readiness, self.http.request_timeout)),
            rt::spawn(jobs::delete_expired_keys(
                self.state.registrations,
                self.http.request_timeout,
                clock::now,
            )),
        ];
        jobs.extend(self.state.office.iter().flat_map(OfficeWiring::start_jobs));
        tokio::select! {
            ended = &mut running => return ended.map_err(io::Error::other)?,
            () = stop.received() => {}
        }

        // The flag first: readiness is 503 before the log line can be read.
        self.state.shutting_down.store(true, Ordering::Relaxed);
        tracing::info!("Shutdown started");
        jobs.iter().for_each(rt::task::JoinHandle::abort);
        tokio::time::sleep(self.http.shutdown_delay).await;
        application.stop(true).await;
        // Last, so that readiness and metrics can be read to the end.
        if let Some(admin) = admin {
            admin.stop(false).await;
        }
        tracing::info!("Stopped");
        Ok(())
    }
}

/// SIGTERM, as orchestrators send it, or SIGINT, as Ctrl-C does.
pub(crate) struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Listens from now on: a signal that arrives before [`Server::run_until`] is not lost.
    pub(crate) fn listen() -> io::Result<Self> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Self { terminate: signal(terminate)?, interrupt: signal(interrupt)? })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn application_server(
    state: &AppState,
    config: &Config,
    limits: ConnectionLimits,
) -> Result<dev::Server, StartError> {
    let (state, http) = (state.clone(), config.http.clone());
    let public_metrics = config.listen.public_metrics;
    let (has_office, has_demo) = (state.office.is_some(), state.demo.is_some());
    let changes_paths = has_demo || http.base_path.is_set();
    let application = move |address: ListenAddress| {
        let (state, http) = (state.clone(), http.clone());
        move || {
            App::new()
                .app_data(address)
                .app_data(http.base_path)
                .app_data(TrustedProxies(http.trusted_proxies))
                .configure(|config| state.provide(config))
                .configure(|config| {
                    routes::application(config, public_metrics, has_office, has_demo);
                })
                .wrap(from_fn(problems::render))
                .wrap(cors::allow(
                    &http.allowed_origins,
                    routes::paths_where(|route| route.is_cross_origin),
                ))
                .wrap(headers::security())
                .wrap(from_fn(headers::of_request))
                .wrap(from_fn(metrics::record))
                .wrap(TracingLogger::<RequestSpan>::new())
                .wrap(Condition::new(changes_paths, from_fn(change_path)))
        }
    };
    let http = &config.http;
    let mut server = dev::Server::build()
        .workers(limits.workers)
        .max_concurrent_connections(limits.per_worker)
        .shutdown_timeout(http.shutdown_timeout.as_secs())
        .disable_signals();
    let variable = "LISTEN_ADDR";
    for (address, listener) in bind("application", variable, &config.listen.application)? {
        let limits = time_limits(http, http.keep_alive);
        let bound = listener.local_addr();
        let bound = bound.map_err(|source| StartError::Listen { variable, address, source })?;
        let application = application(ListenAddress(bound));
        server = connection::listen(server, "application", listener, limits, application)
            .map_err(|source| StartError::Listen { variable, address, source })?;
    }
    Ok(server.run())
}

/// Serves a path below `BASE_PATH`, or another name of one, like the path itself.
async fn change_path<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    base_path::strip(&mut request);
    let has_demo = request.app_data::<Data<Demo>>().is_some();
    let link = if has_demo { aliases::rename(&mut request) } else { None };
    let mut response = next.call(request).await?;
    if let Some(link) = link {
        response.headers_mut().append(LINK, link);
    }
    Ok(response)
}

fn admin_server(
    state: &AppState,
    http: &HttpConfig,
    address: &Address,
    limits: ConnectionLimits,
) -> Result<dev::Server, StartError> {
    let state = state.clone();
    let application = move || {
        App::new()
            .configure(|config| state.provide_probes(config))
            .configure(routes::admin)
            .wrap(from_fn(problems::render))
            .wrap(headers::security())
    };
    let mut server =
        dev::Server::build().workers(1).max_concurrent_connections(limits.admin).disable_signals();
    let variable = "ADMIN_LISTEN_ADDR";
    for (address, listener) in bind("admin", variable, address)? {
        let limits = time_limits(http, ADMIN_KEEP_ALIVE);
        server = connection::listen(server, "admin", listener, limits, application.clone())
            .map_err(|source| StartError::Listen { variable, address, source })?;
    }
    Ok(server.run())
}

/// The limits of a connection's phases.
fn time_limits(http: &HttpConfig, keep_alive: Duration) -> TimeLimits {
    TimeLimits {
        client: http.client_timeout,
        keep_alive,
        // A handler reads the body within one client timeout, and works for one request timeout.
        request: http.client_timeout * 2 + http.request_timeout + REQUEST_GRACE,
    }
}

/// Listens on the addresses that this host has.
fn bind(
    name: &'static str,
    variable: &'static str,
    address: &Address,
) -> Result<Vec<(SocketAddr, TcpListener)>, StartError> {
    let listeners = available(address).into_iter().map(|address| {
        let failed = |source| StartError::Listen { variable, address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        limit_unsent(&listener).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        tracing::info!(listener = name, address = %bound, "Listening");
        Ok((address, listener))
    });
    listeners.collect()
}

/// Limits what the system keeps unsent for each connection of this listener. A larger buffer would hide
/// for seconds that a client goes on reading.
#[cfg(target_os = "linux")]
fn limit_unsent(listener: &TcpListener) -> io::Result<()> {
    const UNSENT: u32 = 64 * 1024;
    socket2::SockRef::from(listener).set_tcp_notsent_lowat(UNSENT)
}

/// Only Linux has a limit.
#[cfg(not(target_os = "linux"))]
fn limit_unsent(_: &TcpListener) -> io::Result<()> {
    Ok(())
}

/// The addresses to bind: all that this host has. A name such as `localhost` may have an address of
/// a family that is turned off, which is a warning; a port that is taken is an error of each.
fn available(address: &Address) -> Vec<SocketAddr> {
    let is_on_host = |socket: &SocketAddr| TcpListener::bind((socket.ip(), 0)).is_ok();
    let (available, missing): (Vec<_>, Vec<_>) =
        address.sockets().iter().partition(|s| is_on_host(s));
    if available.is_empty() {
        return missing; // binding them gives the reason
    }
    for socket in missing {
        tracing::warn!(address = %socket, "Address not available");
    }
    available
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_the_host_does_not_have_is_left_out_unless_it_is_the_only_one() {
        let sockets = |text: &[&str]| text.iter().map(|text| text.parse().unwrap()).collect();
        let available = |text: &[&str]| available(&Address::of(sockets(text)));
        // TEST-NET-1 (RFC 5737) belongs to no host.
        assert_eq!(available(&["192.0.2.1:5000", "127.0.0.1:5000"]), sockets(&["127.0.0.1:5000"]));
        assert_eq!(available(&["192.0.2.1:5000"]), sockets(&["192.0.2.1:5000"]));
        // A port that is taken is tried, and fails.
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap().to_string();
        assert_eq!(available(&[&taken, "127.0.0.2:0"]), sockets(&[&taken, "127.0.0.2:0"]));
    }
}
