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

/// `GET /health/live`: 200 while the process runs, in any state of the database.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
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
