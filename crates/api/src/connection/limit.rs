//! How many connections fit below the process's limit of open files.

use std::num::NonZeroUsize;

use crate::config::Config;

/// Open files of the process itself: output, listeners, the main runtime, the writer, exporters.
const OWN_FILES: u64 = 64;
/// Open files of a worker's runtime.
const FILES_PER_WORKER: u64 = 6;
/// Open files of a database connection; SQLite's has a log and an index beside its file.
const FILES_PER_DATABASE_CONNECTION: u64 = 3;
/// Maximum connections of the admin listener.
const ADMIN_CONNECTIONS: u32 = 64;
/// Fewer connections than this are no service.
const MIN_CONNECTIONS: u64 = 32;
/// Maximum connections by default: an idle one holds some 20 KiB, one with a long head 36 KiB.
const DEFAULT_CONNECTIONS: u64 = 4_096;

/// Maximum connections for each listener's workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionLimits {
    /// Workers of the application's listener.
    pub(crate) workers: usize,
    /// For each of them.
    pub(crate) per_worker: usize,
    /// For the one worker of the admin listener.
    pub(crate) admin: usize,
}

/// The limit of open files is too low.
#[derive(Debug, thiserror::Error)]
#[error(
    "{wanted} open files are needed and {limit} are allowed: raise the limit (ulimit -n, \
     LimitNOFILE=), or lower WORKERS ({workers}), DATABASE_POOL_SIZE ({pool}) or MAX_CONNECTIONS"
)]
pub(crate) struct LimitError {
    wanted: u64,
    limit: u64,
    workers: u64,
    pool: u64,
}

impl ConnectionLimits {
    /// Raises the soft limit of open files to the hard one, and shares it out.
    ///
    /// # Errors
    ///
    /// The hard limit does not suffice for the configuration.
    pub(crate) fn of_process(config: &Config) -> Result<Self, LimitError> {
        let limit = rlimit::increase_nofile_limit(u64::MAX);
        // Where it cannot be raised, the present one.
        let limit = limit.or_else(|_| rlimit::Resource::NOFILE.get_soft()).unwrap_or(1024);
        let workers = config.http.workers.map(u64::from);
        let available = || std::thread::available_parallelism().map_or(2, NonZeroUsize::get) as u64;
        let workers = workers.unwrap_or_else(available);
        let pool = u64::from(config.database.pool_size);
        Self::within(limit, workers, pool, config.http.max_connections.map(u64::from))
    }

    fn within(
        limit: u64,
        workers: u64,
        pool: u64,
        connections: Option<u64>,
    ) -> Result<Self, LimitError> {
        let reserved = OWN_FILES
            + (workers + 1) * FILES_PER_WORKER
            + pool * FILES_PER_DATABASE_CONNECTION
            + u64::from(ADMIN_CONNECTIONS);
        // Each worker accepts one at least.
        let connections = connections.map(|connections| connections.max(workers));
        let wanted = reserved + connections.unwrap_or(MIN_CONNECTIONS.max(workers));
        if wanted > limit {
            return Err(LimitError { wanted, limit, workers, pool });
        }
        let connections = connections.unwrap_or((limit - reserved).min(DEFAULT_CONNECTIONS));
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Self {
            workers: size(workers),
            // Each worker counts its own.
            per_worker: size(connections / workers),
            admin: size(ADMIN_CONNECTIONS.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_below_the_limit_of_open_files() {
        let within = |limit, workers, pool, connections| {
            ConnectionLimits::within(limit, workers, pool, connections)
        };
        let total = |limits: ConnectionLimits| limits.workers * limits.per_worker;
        assert_eq!(total(within(1_048_576, 2, 10, None).unwrap()), 4_096);
        assert_eq!(total(within(1_048_576, 2, 10, Some(100)).unwrap()), 100);
        let few = total(within(256, 2, 10, None).unwrap());
        assert!((32..=128).contains(&few), "{few}");
        assert!(within(256, 2, 10, Some(200)).is_err());
        // 128 workers and 10 database connections keep 932 files for themselves.
        for limit in (64..4096).step_by(16) {
            let Ok(limits) = within(limit, 128, 10, None) else { continue };
            let total = total(limits);
            assert!(total >= 128 && total as u64 + 932 <= limit, "{limit}: {total}");
        }
        assert!(within(1060, 128, 10, None).is_ok());
        let error = within(1024, 256, 10, None).unwrap_err().to_string();
        assert!(error.contains("open files") && error.contains("WORKERS (256)"), "{error}");
    }
}
