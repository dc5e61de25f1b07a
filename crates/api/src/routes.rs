//! Every path on one screen.

mod assets;
mod health;
mod home;
mod metrics;
mod register;
mod students;
mod version;

use actix_web::{
    HttpResponse, Resource, Route,
    guard::{self, GuardContext},
    http::{Method, header::ALLOW},
    middleware::Compress,
    web::{self, ServiceConfig},
};

use crate::problem::{ApiError, Failure};

/// What the application serves.
pub(crate) fn application(config: &mut ServiceConfig, with_metrics: bool) {
    config
        .service(resource("/", get().to(home::home)).wrap(Compress::default()))
        .service(resource("/register", web::post().to(register::register)))
        .service(resource("/students/{id}", get().to(students::student)))
        .service(resource("/assets/{file}", get().to(assets::asset)).wrap(Compress::default()));
    probes(config);
    if with_metrics {
        config.service(resource("/metrics", get().to(metrics::metrics)));
    }
    config.default_service(web::to(not_found));
}

/// What the admin listener serves.
pub(crate) fn admin(config: &mut ServiceConfig) {
    probes(config);
    config.service(resource("/metrics", get().to(metrics::metrics)));
    config.default_service(web::to(not_found));
}

fn probes(config: &mut ServiceConfig) {
    config
        .service(resource("/health", get().to(health::summary)))
        .service(resource("/health/live", get().to(health::live)))
        .service(resource("/health/ready", get().to(health::ready)))
        .service(resource("/version", get().to(version::version)));
}

/// GET, and HEAD with it.
fn get() -> Route {
    let guard =
        |context: &GuardContext<'_>| matches!(context.head().method, Method::GET | Method::HEAD);
    web::route().guard(guard::fn_guard(guard))
}

/// A path with one route, which names the methods it takes to whoever tries another.
fn resource(path: &str, route: Route) -> Resource {
    let allow = if path == "/register" { "POST, OPTIONS" } else { "GET, HEAD, OPTIONS" };
    let other = move |method: Method| async move {
        match method {
            Method::OPTIONS => Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish()),
            _ => Err(Failure::from(ApiError::MethodNotAllowed { allow })),
        }
    };
    web::resource(path).route(route).default_service(web::to(other))
}

async fn not_found() -> Result<HttpResponse, Failure> {
    Err(ApiError::NotFound.into())
}
