//! The service: its listeners, its background jobs and its shutdown.

use std::{io, net::TcpListener, sync::atomic::Ordering, time::Duration};

use actix_web::{App, dev, middleware::from_fn, rt};
use registration_application::jobs;
use registration_telemetry::Guard;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_actix_web::TracingLogger;

use crate::{
    clock,
    config::{Address, Config, HttpConfig},
    connection::{self, ConnectionLimits, TimeLimits},
    routes,
    state::{AppState, Stores},
    web::middleware::{
        cors, headers, metrics, problems, rate_limit_headers, root_span::RequestSpan,
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
    #[error("cannot read random bytes from the operating system")]
    Random(#[from] getrandom::Error),
    #[error("cannot listen on {address} ({variable})")]
    Listen {
        variable: &'static str,
        address: Address,
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
        let state = AppState::new(config, stores, telemetry)?;
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
        let jobs = [
            rt::spawn(jobs::drop_full_quotas(self.state.limits)),
            rt::spawn(jobs::delete_expired_keys(
                self.state.registrations,
                self.http.request_timeout,
                clock::now,
            )),
        ];
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
    let application = move || {
        App::new()
            .configure(|config| state.provide(config))
            .configure(|config| routes::application(config, public_metrics))
            .wrap(from_fn(problems::render))
            .wrap(cors::allow(
                &http.allowed_origins,
                routes::paths_where(|route| route.is_cross_origin),
            ))
            .wrap(headers::security())
            .wrap(from_fn(rate_limit_headers::add))
            .wrap(from_fn(metrics::record))
            .wrap(TracingLogger::<RequestSpan>::new())
    };
    let http = &config.http;
    let mut server = dev::Server::build()
        .workers(limits.workers)
        .max_concurrent_connections(limits.per_worker)
        .shutdown_timeout(http.shutdown_timeout.as_secs())
        .disable_signals();
    for listener in bind("application", "LISTEN_ADDR", &config.listen.application)? {
        let time_limits = time_limits(http, http.keep_alive);
        server =
            connection::listen(server, "application", listener, time_limits, application.clone())
                .map_err(listen_error("LISTEN_ADDR", &config.listen.application))?;
    }
    Ok(server.run())
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
    for listener in bind("admin", "ADMIN_LISTEN_ADDR", address)? {
        let time_limits = time_limits(http, ADMIN_KEEP_ALIVE);
        server = connection::listen(server, "admin", listener, time_limits, application.clone())
            .map_err(listen_error("ADMIN_LISTEN_ADDR", address))?;
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

/// Listens on each address of the host that can be listened on.
fn bind(
    name: &'static str,
    variable: &'static str,
    address: &Address,
) -> Result<Vec<TcpListener>, StartError> {
    let (mut listeners, mut error) = (Vec::new(), None);
    for socket in address.sockets() {
        match TcpListener::bind(socket) {
            Ok(listener) => listeners.push(listener),
            Err(source) => error = Some(source),
        }
    }
    if let (true, Some(source)) = (listeners.is_empty(), error) {
        return Err(listen_error(variable, address)(source));
    }
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        tracing::info!(listener = name, address = %address, "Listening");
    }
    Ok(listeners)
}

fn listen_error(variable: &'static str, address: &Address) -> impl Fn(io::Error) -> StartError {
    let address = address.clone();
    move |source| StartError::Listen { variable, address: address.clone(), source }
}
