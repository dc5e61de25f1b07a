//! `serve`: the form and the API, until SIGTERM.

use std::{error::Error, process::ExitCode, sync::Arc};

use registration_application::error_chain;
use registration_persistence::{Database, Registrations, Students, WriteOptions};

use super::{
    fail, staff,
    stores::{desk_stores, pool_options},
};
use crate::{
    config::{Config, DatabaseConfig},
    connection::ConnectionLimits,
    server::{Server, StopSignal},
    state::Stores,
    telemetry, version,
    web::panics,
};

type StartResult<T> = Result<T, Box<dyn Error>>;

/// Serves over the stores that `open_stores` returns, until SIGTERM or SIGINT.
pub(super) fn serve(
    config: &Config,
    open_stores: impl FnOnce(&DatabaseConfig) -> StartResult<Stores>,
) -> ExitCode {
    let guard = match telemetry::init(&config.telemetry) {
        Ok(guard) => guard,
        Err(error) => return fail(&error),
    };
    panics::log_locations_only();
    version::record();

    let served = actix_web::rt::System::new().block_on(async {
        // Before everything else: a signal during a migration is not lost.
        let stop = StopSignal::listen()?;
        let limits = ConnectionLimits::of_process(config)?;
        let stores = open_stores(&config.database)?;
        if let (Some(email), Some(desk)) = (&config.desk.first_admin, &stores.desk) {
            staff::invite_first(&*desk.store, email, config)?;
        }
        let server = Server::bind(config, stores, limits, &guard)?;
        Ok::<_, Box<dyn Error>>(server.run_until(stop).await?)
    });
    if let Err(error) = &served {
        tracing::error!(error = error_chain(&**error), "Could not serve");
    }
    drop(guard);
    served.map_or_else(|error| fail(&*error), |()| ExitCode::SUCCESS)
}

/// Opens the configured database, migrated unless that is turned off.
pub(super) fn database_stores(config: &DatabaseConfig) -> StartResult<Stores> {
    if config.migrate {
        for migration in registration_persistence::migrate(&config.url)? {
            tracing::info!(migration, "Migration applied");
        }
    }
    let database = Database::open(config.url.clone(), pool_options(config));
    let writes = WriteOptions {
        max_batch_size: config.max_batch_size,
        queue_capacity: config.queue_capacity,
        is_sampled: Arc::new(registration_telemetry::is_sampled),
    };
    Ok(Stores {
        registrations: Arc::new(Registrations::start(database.clone(), writes)?),
        students: Arc::new(Students::new(database.clone())),
        readiness: Arc::new(database.clone()),
        desk: Some(desk_stores(config, &database)),
    })
}
