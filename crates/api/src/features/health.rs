//! Whether the process runs, whether it can serve, what it measures and what it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Data};
use registration_application::blocking;
use registration_domain::{Readiness, RepositoryError, Unavailability};
use registration_telemetry::MetricsHandle;
use serde_json::json;

use crate::{
    version::{REVISION, RUSTC, VERSION},
    web::problem::Problem,
};

/// What the handlers use.
pub(crate) struct Health {
    pub(crate) readiness: Arc<dyn Readiness>,
    /// How long the store may take to answer.
    pub(crate) timeout: Duration,
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
        let readiness = Arc::clone(&self.readiness);
        match blocking::run(self.timeout, move || readiness.check()).await {
            Ok(Ok(())) => Vec::new(),
            Ok(Err(RepositoryError::Unavailable { reason, .. })) => vec![reason.as_str()],
            Ok(Err(RepositoryError::Unexpected(_))) => vec!["database_error"],
            Err(_) => vec![Unavailability::DatabaseUnreachable.as_str()],
        }
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
    if health.readiness.is_stuck() {
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
                readiness: Arc::new(Store { is_stuck }),
                timeout: Duration::from_secs(10),
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
