//! What is cleared away while the service runs, so that nothing grows with those who have gone.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use registration_domain::IdempotencyKey;
use tokio::time::{Instant, interval_at};

use crate::{app::App, blocking, chain::chain, clock, problem::ApiError};

/// How often quotas that are full again are forgotten.
const LIMITS: Duration = Duration::from_secs(10);

/// How often idempotency keys that have outlived their time are.
const KEYS: Duration = Duration::from_secs(60);

/// Forgets full quotas, for as long as it is polled.
pub(crate) async fn limits(app: Data<App>) {
    let mut due = interval_at(Instant::now() + LIMITS, LIMITS);
    loop {
        due.tick().await;
        app.limits.forget_idle();
    }
}

/// Forgets old keys, for as long as it is polled. Where the database cannot be asked, the next time
/// will do: an old key is as good as none.
pub(crate) async fn keys(app: Data<App>) {
    let mut due = interval_at(Instant::now() + KEYS, KEYS);
    let mut failing = false;
    loop {
        due.tick().await;
        let students = Arc::clone(&app.students);
        let limit = clock::now() - IdempotencyKey::LIFETIME;
        let forget = move || students.forget_keys(limit);
        let forgotten = blocking::run(app.config.request_timeout, forget).await;
        match forgotten.map_err(ApiError::from).and_then(|forgotten| Ok(forgotten?)) {
            Ok(keys) => {
                failing = false;
                tracing::debug!(keys, "Forgot old idempotency keys");
            }
            // One line an outage; or one for good, where the right to delete is missing.
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = chain(&error), "Cannot forget old idempotency keys");
            }
            Err(_) => {}
        }
    }
}
