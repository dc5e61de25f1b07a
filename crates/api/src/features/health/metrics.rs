//! `GET /metrics`: everything measured, for Prometheus.

use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Data};

use crate::app::App;

pub(crate) async fn metrics(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(app.metrics.render())
}
