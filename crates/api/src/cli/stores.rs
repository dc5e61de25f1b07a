//! The stores of the configured database.

use std::{io, sync::Arc, time::Duration};

use registration_application::{
    desk::Office,
    threads::{Priority, Threads},
};
use registration_domain::JournalKeeper;
use registration_persistence::{
    Database, Desk, Journal, MigrationError, PoolOptions, SearchIndexer,
};

use crate::{
    config::{Config, DatabaseConfig},
    office::DeskStores,
};

/// How long a statement of the office may take.
const DESK_STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a step of a command may take.
const TIMEOUT: Duration = Duration::from_secs(3600);

/// Applies pending migrations, unless that is turned off.
pub(super) fn migrate(config: &DatabaseConfig) -> Result<(), MigrationError> {
    match config.migrate {
        true => registration_persistence::migrate(&config.url).map(drop),
        false => Ok(()),
    }
}

/// The office on the configured database, and the keeper of its journal.
pub(super) fn office(config: &Config) -> io::Result<(Office, Arc<dyn JournalKeeper>)> {
    let database = Database::open(config.database.url.clone(), pool_options(&config.database));
    let stores = desk_stores(&config.database, &database);
    let (threads, search_threads) = (threads("desk")?.into(), threads("desk-search")?.into());
    Ok((Office { store: stores.store, threads, search_threads }, stores.keeper))
}

/// Threads of a command.
pub(super) fn threads(name: &'static str) -> io::Result<Threads> {
    Threads::start(name, 2, 2, TIMEOUT, Priority::Equal)
}

/// The office's part of the database, on connections of its own.
pub(super) fn desk_stores(config: &DatabaseConfig, database: &Database) -> DeskStores {
    let options = PoolOptions {
        max_size: config.desk_pool_size,
        timeout: config.pool_timeout,
        statement_timeout: config.statement_timeout.min(DESK_STATEMENT_TIMEOUT),
    };
    let desk = Desk::open(config.url.clone(), database.clone(), options);
    DeskStores {
        keeper: Arc::new(Journal::new(desk.clone())),
        projector: Arc::new(SearchIndexer::new(desk.clone())),
        readers: desk.readers(),
        shares_writer: desk.shares_writer(),
        store: Arc::new(desk),
    }
}

/// The options of the connection pool.
pub(super) fn pool_options(config: &DatabaseConfig) -> PoolOptions {
    PoolOptions {
        max_size: config.pool_size,
        timeout: config.pool_timeout,
        statement_timeout: config.statement_timeout,
    }
}
