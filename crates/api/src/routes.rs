//! Every path on one screen.

mod assets;
mod browser_spans;
mod health;
mod home;
mod metrics;
mod register;
mod students;
mod version;

use actix_web::{
    Error, HttpResponse, Resource, Route,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    guard::{self, GuardContext},
    http::{Method, header::ALLOW},
    middleware::{Compress, from_fn},
    web::{self, ServiceConfig},
};

use crate::{
    config::Config,
    middleware::panics,
    problem::{ApiError, Failure},
};

const GET: &str = "GET, HEAD, OPTIONS";
const POST: &str = "POST, OPTIONS";

/// What the application serves.
pub(crate) fn application(routes: &mut ServiceConfig, config: &Config) {
    routes
        .service(resource("/", GET, get().to(home::home)).wrap(Compress::default()))
        .service(resource("/register", POST, web::post().to(register::post)))
        .service(resource("/telemetry/v1/traces", POST, web::post().to(browser_spans::post)))
        .service(resource("/students/{id}", GET, get().to(students::student)))
        .service(
            resource("/assets/{version}/{file}", GET, get().to(assets::asset))
                .wrap(Compress::default()),
        );
    probes(routes);
    if config.public_metrics {
        routes.service(resource("/metrics", GET, get().to(metrics::metrics)));
    }
    routes.default_service(web::to(not_found));
}

/// What the admin listener serves.
pub(crate) fn admin(config: &mut ServiceConfig) {
    probes(config);
    config.service(resource("/metrics", GET, get().to(metrics::metrics)));
    config.default_service(web::to(not_found));
}

fn probes(config: &mut ServiceConfig) {
    config
        .service(resource("/health", GET, get().to(health::summary)))
        .service(resource("/health/live", GET, get().to(health::live)))
        .service(resource("/health/ready", GET, get().to(health::ready)))
        .service(resource("/version", GET, get().to(version::version)));
}

/// GET, and HEAD with it.
fn get() -> Route {
    let guard =
        |context: &GuardContext<'_>| matches!(context.head().method, Method::GET | Method::HEAD);
    web::route().guard(guard::fn_guard(guard))
}

/// A path with one route, which names the methods it allows to whoever tries another.
fn resource(
    path: &str,
    allow: &'static str,
    route: Route,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let other = move |method: Method| async move {
        match method {
            Method::OPTIONS => Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish()),
            _ => Err(Failure::from(ApiError::MethodNotAllowed { allow })),
        }
    };
    web::resource(path).route(route).default_service(web::to(other)).wrap(from_fn(panics::catch))
}

async fn not_found() -> Result<HttpResponse, Failure> {
    Err(ApiError::NotFound.into())
}
