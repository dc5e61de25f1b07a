//! `GET /version`: what is running.

use actix_web::HttpResponse;
use serde_json::json;

use crate::version::{REVISION, RUSTC, VERSION};

pub(crate) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({"version": VERSION, "revision": REVISION, "rustc": RUSTC}))
}
