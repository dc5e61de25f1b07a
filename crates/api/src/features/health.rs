//! Whether the process runs, whether it can serve, what it measures and what it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Data};
use registration_application::readiness::ReadinessCache;
use registration_telemetry::MetricsHandle;
use serde_json::json;

use crate::{
    version::{REVISION, RUSTC, VERSION},
    web::problem::Problem,
};

/// What the handlers use.
pub(crate) struct Health {
    pub(crate) store: ReadinessCache,
    pub(crate) shutting_down: Arc<AtomicBool>,
    pub(crate) started: Instant,
    pub(crate) service_name: String,
}

impl Health {
    /// What keeps the service from serving.
    async fn reasons(&self) -> Vec<&'static str> {
        if self.shutting_down.load(Ordering::Relaxed) {
            return vec!["shutting_down"];
        }
        self.store.unreadiness().await.into_iter().collect()
    }
}

/// `GET /health`: a summary for people and simple probes; 200 while the process runs.
pub(crate) async fn summary(health: Data<Health>) -> HttpResponse {
    let reasons = health.reasons().await;
    let status = if reasons.is_empty() { "ok" } else { "degraded" };
    HttpResponse::Ok().json(json!({
        "status": status,
        "service": health.service_name,
        "version": VERSION,
        "uptime_seconds": health.started.elapsed().as_secs(),
        "reasons": reasons,
    }))
}

/// `GET /health/live`: 200 while the process runs, in any state of the database; 503 where only a new
/// process can use the database again.
pub(crate) async fn live(health: Data<Health>) -> Result<HttpResponse, Problem> {
    if health.store.is_stuck() {
        return Err(Problem::not_ready(vec!["database_stuck"]));
    }
    Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
}

/// `GET /health/ready`: 200, or 503 with the reasons.
pub(crate) async fn ready(health: Data<Health>) -> Result<HttpResponse, Problem> {
    let reasons = health.reasons().await;
    if reasons.is_empty() {
        Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
    } else {
        Err(Problem::not_ready(reasons))
    }
}

/// `GET /metrics`: all metrics, for Prometheus.
pub(crate) async fn metrics(metrics: Data<MetricsHandle>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(metrics.render())
}

/// `GET /version`: version, revision and compiler.
pub(crate) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({"version": VERSION, "revision": REVISION, "rustc": RUSTC}))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use registration_domain::{Readiness, RepositoryError, Unavailability};

    use super::*;

    struct Store {
        is_stuck: bool,
    }

    impl Readiness for Store {
        fn check(&self) -> Result<(), RepositoryError> {
            Err(RepositoryError::unavailable(Unavailability::DatabaseUnreachable, "a test"))
        }

        fn is_stuck(&self) -> bool {
            self.is_stuck
        }
    }

    #[tokio::test]
    async fn liveness_fails_where_the_database_is_stuck_and_not_where_it_cannot_be_reached() {
        let health = |is_stuck| {
            Data::new(Health {
                store: ReadinessCache::new(Arc::new(Store { is_stuck }), Duration::from_secs(10)),
                shutting_down: Arc::default(),
                started: Instant::now(),
                service_name: String::new(),
            })
        };
        assert!(live(health(false)).await.is_ok());
        assert_eq!(live(health(true)).await.unwrap_err().status, 503);
        assert!(ready(health(false)).await.is_err());
    }
}
