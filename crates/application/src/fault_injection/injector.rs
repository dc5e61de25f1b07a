//! A registration store that fails or delays a percentage of inserts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    InsertFuture, NewRegistration, RegistrationStore, RepositoryError, Unavailability,
};
use tracing::Instrument as _;

use super::FaultPlan;

/// A store with injected faults.
pub struct FaultInjector {
    store: Arc<dyn RegistrationStore>,
    latency: Duration,
    delayed: FaultRate,
    error: FaultRate,
    database: FaultRate,
}

#[derive(Debug, thiserror::Error)]
#[error("a fault was injected")]
struct InjectedFault;

impl FaultInjector {
    /// Injects the plan's faults in front of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn RegistrationStore>, plan: FaultPlan) -> Self {
        let FaultPlan { latency, delayed, error, database } = plan;
        let [delayed, error, database] = [delayed, error, database].map(FaultRate::new);
        Self { store, latency, delayed, error, database }
    }

    /// The failure of the next insert, if it is to fail.
    fn failure(&self) -> Option<RepositoryError> {
        if self.database.hit() {
            let reason = Unavailability::DatabaseUnreachable;
            return Some(RepositoryError::unavailable(reason, InjectedFault));
        }
        self.error.hit().then(|| RepositoryError::unexpected(InjectedFault))
    }

    /// The delay of the next insert.
    fn delay(&self) -> Duration {
        if self.delayed.hit() { self.latency } else { Duration::ZERO }
    }
}

impl RegistrationStore for FaultInjector {
    fn insert(&self, registration: NewRegistration) -> InsertFuture {
        if let Some(failure) = self.failure() {
            return Box::pin(std::future::ready(Err(failure)));
        }
        let (store, delay) = (Arc::clone(&self.store), self.delay());
        let insert = async move {
            tokio::time::sleep(delay).await;
            store.insert(registration).await
        };
        // A task without a current span may poll it, and the store's spans belong to the caller's trace.
        Box::pin(insert.in_current_span())
    }

    fn delete_expired_keys(&self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.store.delete_expired_keys(cutoff)
    }
}

/// A percentage, spread evenly, so that a drill does not depend on chance.
struct FaultRate {
    percent: u64,
    count: AtomicU64,
}

impl FaultRate {
    fn new(percent: u64) -> Self {
        Self { percent, count: AtomicU64::new(0) }
    }

    /// Counts one more request; whether the fault hits it.
    fn hit(&self) -> bool {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        number * self.percent % 100 + self.percent >= 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoStore;

    impl RegistrationStore for NoStore {
        fn insert(&self, _: NewRegistration) -> InsertFuture {
            unreachable!("nothing is inserted")
        }

        fn delete_expired_keys(&self, _: DateTime<Utc>) -> Result<usize, RepositoryError> {
            Ok(0)
        }
    }

    /// How many of a hundred inserts find no database, fail, and are delayed.
    fn hits(faults: &str) -> [usize; 3] {
        let injector = FaultInjector::new(Arc::new(NoStore), faults.parse().unwrap());
        let mut hits = [0; 3];
        for _ in 0..100 {
            match injector.failure() {
                Some(RepositoryError::Unavailable { .. }) => hits[0] += 1,
                Some(RepositoryError::Unexpected(_)) => hits[1] += 1,
                None => hits[2] += usize::from(!injector.delay().is_zero()),
            }
        }
        hits
    }

    #[test]
    fn each_fault_hits_its_percentage_of_the_requests_that_the_others_leave() {
        assert_eq!(hits(""), [0, 0, 0]);
        assert_eq!(hits("error=10%,database=10%"), [10, 9, 0]);
        assert_eq!(hits("error=50%,database=50%"), [50, 25, 0]);
        assert_eq!(hits("latency=7ms@20%,error=20%"), [0, 20, 16]);
        assert_eq!(hits("latency=7ms,database=100%"), [100, 0, 0]);
    }

    #[test]
    fn a_rate_is_spread_evenly() {
        let rate = FaultRate::new(20);
        let hit: Vec<_> = (0..10).filter(|_| rate.hit()).collect();
        assert_eq!(hit, [4, 9]);
    }
}
