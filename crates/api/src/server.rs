//! The wiring: from a configuration to listeners that run until they are told to stop.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use actix_web::{App as ActixApp, HttpServer, dev::Server, middleware::from_fn, web::Data};
use registration_domain::StudentRepository;
use registration_persistence::{self as persistence, Database, MigrationError, Students};
use registration_telemetry::Guard;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_actix_web::TracingLogger;

use crate::{
    admission::{form_key::FormSecret, limits::Limits},
    app::App,
    clock,
    config::{Address, Config},
    faults::{Faults, Faulty},
    housekeeping,
    in_progress::InProgress,
    middleware::{cors, headers, metrics, problems, quota, root_span::RequestSpan},
    routes,
};

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("the database's tables cannot be brought up to date")]
    Migrate(#[from] MigrationError),
    #[error("the system has no randomness to give")]
    Random(#[from] getrandom::Error),
    #[error("the system has no room for the threads that store registrations")]
    Threads(#[source] io::Error),
    #[error("cannot listen on {address} ({variable})")]
    Listen {
        variable: &'static str,
        address: Address,
        #[source]
        source: io::Error,
    },
}

/// The service: bound to its addresses, not running yet.
pub(crate) struct Application {
    app: Data<App>,
    server: Server,
    admin: Option<Server>,
}

impl Application {
    /// Migrates the database, unless told not to, and binds the listeners.
    pub(crate) fn build(config: Config, telemetry: &Guard) -> Result<Self, StartError> {
        if config.faults.any() {
            tracing::warn!(faults = %config.faults, "Faults are injected");
        }
        if config.migrate {
            for migration in persistence::migrate(&config.database_url)? {
                tracing::info!(migration, "Migrated");
            }
        }
        let database = Database::open(config.database_url.clone(), config.pool);
        let students =
            Students::start(database.clone(), config.writes).map_err(StartError::Threads)?;
        let app = Data::new(App {
            students: with_faults(Arc::new(students), config.faults),
            database,
            limits: Limits::new(config.quotas),
            in_progress: Arc::new(InProgress::default()),
            form_secret: form_secret(&config)?,
            metrics: telemetry.metrics(),
            keeps_traces: telemetry.exports_traces(),
            relay: telemetry.relay(),
            service_name: telemetry.service_name().to_owned(),
            started: Instant::now(),
            shutting_down: AtomicBool::new(false),
            config,
        });
        let server = application_server(&app)?;
        let admin = app.config.admin_listen.as_ref().map(|address| admin_server(&app, address));
        Ok(Self { server, admin: admin.transpose()?, app })
    }

    /// Serves until told to stop, then finishes what is under way.
    pub(crate) async fn run_until(self, mut stop: StopSignal) -> io::Result<()> {
        let (server, admin) = (self.server.handle(), self.admin.as_ref().map(Server::handle));
        let mut running = actix_web::rt::spawn(self.server);
        if let Some(admin) = self.admin {
            actix_web::rt::spawn(admin);
        }
        let housekeeping = [
            actix_web::rt::spawn(housekeeping::limits(self.app.clone())),
            actix_web::rt::spawn(housekeeping::keys(self.app.clone())),
        ];
        tokio::select! {
            ended = &mut running => return ended.map_err(io::Error::other)?,
            () = stop.received() => {}
        }

        tracing::info!("Shutting down");
        housekeeping.iter().for_each(actix_web::rt::task::JoinHandle::abort);
        self.app.shutting_down.store(true, Ordering::Relaxed);
        tokio::time::sleep(self.app.config.shutdown_delay).await;
        server.stop(true).await;
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
    /// Listens from now on: a signal that comes before anybody waits for it is not lost.
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

/// The store, with faults in front of it where there are to be some.
fn with_faults(students: Arc<dyn StudentRepository>, faults: Faults) -> Arc<dyn StudentRepository> {
    if faults.any() { Arc::new(Faulty::new(students, faults)) } else { students }
}

/// What forms are signed with: as configured, or made up.
fn form_secret(config: &Config) -> Result<FormSecret, getrandom::Error> {
    match &config.form_secret {
        Some(secret) => Ok(FormSecret::new(secret.as_bytes())),
        None => clock::random::<32>().map(|random| FormSecret::new(&random)),
    }
}

fn application_server(app: &Data<App>) -> Result<Server, StartError> {
    let config = &app.config;
    let data = app.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(data.clone())
            .configure(|routes| routes::application(routes, &data.config))
            .wrap(from_fn(problems::render))
            .wrap(cors::allow(&data.config.allowed_origins))
            .wrap(headers::security())
            .wrap(from_fn(quota::tell))
            .wrap(from_fn(metrics::record))
            .wrap(TracingLogger::<RequestSpan>::new())
    });
    let server = match config.workers {
        Some(workers) => server.workers(usize::try_from(workers).unwrap_or(usize::MAX)),
        None => server,
    };
    let server = server
        .keep_alive(config.keep_alive)
        .client_request_timeout(config.client_timeout)
        .client_disconnect_timeout(config.client_timeout)
        .shutdown_timeout(config.shutdown_timeout.as_secs())
        .disable_signals();
    let server = server.bind(config.listen.sockets()).map_err(|source| StartError::Listen {
        variable: "LISTEN_ADDR",
        address: config.listen.clone(),
        source,
    })?;
    log_listening("application", &server.addrs());
    Ok(server.run())
}

fn admin_server(app: &Data<App>, address: &Address) -> Result<Server, StartError> {
    let data = app.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(data.clone())
            .configure(routes::admin)
            .wrap(from_fn(problems::render))
            .wrap(headers::security())
    });
    let server = server
        .workers(1)
        .client_request_timeout(app.config.client_timeout)
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
