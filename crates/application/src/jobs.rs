//! Maintenance: what runs at intervals beside the requests, so that nothing grows without bound.

use std::{error::Error, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{IdempotencyKey, Readiness, RegistrationStore};
use tokio::time::{Instant, interval, interval_at};

use crate::{blocking, error_chain::error_chain, rate_limit::RateLimits};

/// How often full quotas are dropped.
const QUOTAS_INTERVAL: Duration = Duration::from_secs(10);

/// How often expired idempotency keys are deleted.
const KEYS_INTERVAL: Duration = Duration::from_secs(60);

/// How often the store's durability is looked at.
const DURABILITY_INTERVAL: Duration = Duration::from_secs(60);

/// Drops full quotas, for as long as it is polled.
pub async fn drop_full_quotas(limits: Arc<RateLimits>) {
    let mut due = interval_at(Instant::now() + QUOTAS_INTERVAL, QUOTAS_INTERVAL);
    loop {
        due.tick().await;
        limits.drop_full();
    }
}

/// Deletes expired idempotency keys, for as long as it is polled. A failure is left to the next
/// interval: an expired key has no effect.
pub async fn delete_expired_keys(
    store: Arc<dyn RegistrationStore>,
    timeout: Duration,
    now: impl Fn() -> DateTime<Utc>,
) {
    let mut due = interval_at(Instant::now() + KEYS_INTERVAL, KEYS_INTERVAL);
    let mut is_failing = false;
    loop {
        due.tick().await;
        match delete_once(&store, timeout, now() - IdempotencyKey::LIFETIME).await {
            Ok(keys) => {
                is_failing = false;
                tracing::debug!(keys, "Expired idempotency keys deleted");
            }
            // One line an outage; or one for good, where the right to delete is missing.
            Err(error) if !is_failing => {
                is_failing = true;
                let error = error_chain(&*error);
                tracing::warn!(error, "Expired idempotency keys not deleted");
            }
            Err(_) => {}
        }
    }
}

/// Looks at the store's durability, at once and then at intervals, for as long as it is polled. One line
/// for each change; a store that gives no answer is looked at again at the next interval.
pub async fn watch_durability(store: Arc<dyn Readiness>, timeout: Duration) {
    let mut due = interval(DURABILITY_INTERVAL);
    let mut before = Vec::new();
    loop {
        due.tick().await;
        let store = Arc::clone(&store);
        let Ok(Ok(weak)) = blocking::run(timeout, move || store.weak_settings()).await else {
            continue;
        };
        if !weak.is_empty() && weak != before {
            tracing::warn!(settings = weak.join("; "), "Database not durable");
        }
        before = weak;
    }
}

async fn delete_once(
    store: &Arc<dyn RegistrationStore>,
    timeout: Duration,
    cutoff: DateTime<Utc>,
) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let store = Arc::clone(store);
    Ok(blocking::run(timeout, move || store.delete_expired_keys(cutoff)).await??)
}
