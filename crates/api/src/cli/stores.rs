//! The stores of the configured database.

use std::{sync::Arc, time::Duration};

use registration_persistence::{Database, Desk, Journal, PoolOptions, SearchIndexer};

use crate::{config::DatabaseConfig, office::DeskStores};

/// How long a statement of the office may take.
const DESK_STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

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
