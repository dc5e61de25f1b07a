//! Whether the process runs, and whether it can serve.

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::{HttpResponse, web::Data};
use registration_domain::{RepositoryError, Unavailability};
use serde_json::json;

use crate::{
    app::App,
    blocking,
    problem::{ApiError, Failure},
    version::VERSION,
};

/// `GET /health`: a summary for people and simple probes; 200 as long as the process runs.
pub(crate) async fn summary(app: Data<App>) -> HttpResponse {
    let reasons = reasons(&app).await;
    let status = if reasons.is_empty() { "ok" } else { "degraded" };
    HttpResponse::Ok().json(json!({
        "status": status,
        "service": app.service_name,
        "version": VERSION,
        "uptime_seconds": app.started.elapsed().as_secs(),
        "reasons": reasons,
    }))
}

/// `GET /health/live`: 200 while the process runs, whatever the database does.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /health/ready`: 200, or 503 with the reasons.
pub(crate) async fn ready(app: Data<App>) -> Result<HttpResponse, Failure> {
    let reasons = reasons(&app).await;
    if reasons.is_empty() {
        Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
    } else {
        Err(ApiError::NotReady { reasons }.into())
    }
}

/// What keeps the service from serving.
async fn reasons(app: &App) -> Vec<&'static str> {
    if app.shutting_down.load(Ordering::Relaxed) {
        return vec!["shutting_down"];
    }
    let database = app.database.clone();
    // Waiting for a connection has a bound of its own; asking over it has not.
    let limit = app.config.pool.timeout + Duration::from_secs(1);
    match blocking::run(limit, move || database.check_readiness()).await {
        Ok(Ok(())) => Vec::new(),
        Ok(Err(RepositoryError::Unavailable { reason, .. })) => vec![reason.as_str()],
        Ok(Err(RepositoryError::Unexpected(_))) => vec!["database_error"],
        Err(_) => vec![Unavailability::DatabaseUnreachable.as_str()],
    }
}
