//! The service: its listeners, its background jobs and its shutdown.

use std::{io, sync::atomic::Ordering};

use actix_web::{App, HttpServer, dev, middleware::from_fn, rt};
use registration_application::jobs;
use registration_telemetry::Guard;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_actix_web::TracingLogger;

use crate::{
    clock,
    config::{Address, Config, HttpConfig},
    routes,
    state::{AppState, Stores},
    web::middleware::{
        cors, headers, metrics, problems, rate_limit_headers, root_span::RequestSpan,
    },
};

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
        telemetry: &Guard,
    ) -> Result<Self, StartError> {
        let faults = config.registration.faults;
        if faults.any() {
            tracing::warn!(faults = %faults, "Fault injection enabled");
        }
        let state = AppState::new(config, stores, telemetry)?;
        let application = application_server(&state, config)?;
        let admin = config.listen.admin.as_ref();
        let admin = admin.map(|address| admin_server(&state, &config.http, address)).transpose()?;
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
            rt::spawn(jobs::watch_durability(self.state.readiness, self.http.request_timeout)),
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

fn application_server(state: &AppState, config: &Config) -> Result<dev::Server, StartError> {
    let (state, http) = (state.clone(), config.http.clone());
    let public_metrics = config.listen.public_metrics;
    let server = HttpServer::new(move || {
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
    });
    let http = &config.http;
    let server = match http.workers {
        Some(workers) => server.workers(usize::try_from(workers).unwrap_or(usize::MAX)),
        None => server,
    };
    let server = server
        .keep_alive(http.keep_alive)
        .client_request_timeout(http.client_timeout)
        .client_disconnect_timeout(http.client_timeout)
        .shutdown_timeout(http.shutdown_timeout.as_secs())
        .disable_signals();
    let address = &config.listen.application;
    let server = server.bind(address.sockets()).map_err(|source| StartError::Listen {
        variable: "LISTEN_ADDR",
        address: address.clone(),
        source,
    })?;
    log_listening("application", &server.addrs());
    Ok(server.run())
}

fn admin_server(
    state: &AppState,
    http: &HttpConfig,
    address: &Address,
) -> Result<dev::Server, StartError> {
    let state = state.clone();
    let server = HttpServer::new(move || {
        App::new()
            .configure(|config| state.provide_probes(config))
            .configure(routes::admin)
            .wrap(from_fn(problems::render))
            .wrap(headers::security())
    });
    let server = server
        .workers(1)
        .client_request_timeout(http.client_timeout)
        .disable_signals()
        .bind(address.sockets())
        .map_err(|source| StartError::Listen {
            variable: "ADMIN_LISTEN_ADDR",
            address: address.clone(),
            source,
        })?;
    log_listening("admin", &server.addrs());
    Ok(server.run())
}

fn log_listening(listener: &str, addresses: &[std::net::SocketAddr]) {
    for address in addresses {
        tracing::info!(listener, address = %address, "Listening");
    }
}
