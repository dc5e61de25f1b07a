//! The route table: every path with its method, statuses, audience, tracing, quota and handler. The
//! listeners, the untraced paths, CORS, the zero series of telemetry and the table in `docs/api.md`
//! are derived from it.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    guard::{self, GuardContext},
    http::{Method, header::ALLOW},
    middleware::{Compress, from_fn},
    web::{self, ServiceConfig},
};

use crate::{
    features::{assets, browser_telemetry, health, registration, students},
    web::{panics, paths, problem::Problem},
};

/// One path.
pub(crate) struct RouteSpec {
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// The statuses of this route's own, besides 405, 429 of a limiter in front, and 500.
    pub(crate) statuses: &'static [u16],
    pub(crate) audience: Audience,
    /// Whether requests have a root span and log lines.
    pub(crate) is_traced: bool,
    /// The rate limit that applies.
    #[cfg_attr(not(test), expect(dead_code, reason = "for docs/api.md; the handlers count"))]
    pub(crate) quota: Option<&'static str>,
    /// Whether scripts of `ALLOWED_ORIGINS` may use it.
    pub(crate) is_cross_origin: bool,
    is_compressed: bool,
    handler: fn() -> Route,
}

/// The method of a route, with those that come with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// GET, HEAD and OPTIONS.
    Get,
    /// POST and OPTIONS.
    Post,
}

/// The users of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Applicants and API clients, on the application's listener.
    Public,
    /// Probes and scrapers, on both listeners.
    Operators,
}

/// A route with no quota, no CORS, no compression.
const fn route(
    path: &'static str,
    verb: Verb,
    statuses: &'static [u16],
    handler: fn() -> Route,
) -> RouteSpec {
    RouteSpec {
        path,
        verb,
        statuses,
        audience: Audience::Public,
        is_traced: true,
        quota: None,
        is_cross_origin: false,
        is_compressed: false,
        handler,
    }
}

/// A route for probes.
const fn probe(path: &'static str, statuses: &'static [u16], handler: fn() -> Route) -> RouteSpec {
    let spec = route(path, Verb::Get, statuses, handler);
    RouteSpec { audience: Audience::Operators, is_traced: false, ..spec }
}

/// Every path.
#[rustfmt::skip]
pub(crate) static ROUTES: [RouteSpec; 10] = [
    RouteSpec { is_compressed: true, ..route(paths::HOME, Verb::Get, &[200, 406, 500], || get().to(registration::home)) },
    RouteSpec { quota: Some("client"), is_cross_origin: true,
        ..route(paths::REGISTER, Verb::Post, &[201, 303, 400, 408, 409, 413, 415, 422, 429, 500, 503, 504], || web::post().to(registration::post)) },
    RouteSpec { quota: Some("spans"), is_traced: false,
        ..route(paths::BROWSER_SPANS, Verb::Post, &[200, 400, 403, 404, 408, 413, 415, 429], || web::post().to(browser_telemetry::post)) },
    RouteSpec { quota: Some("reads"),
        ..route(paths::STUDENT, Verb::Get, &[200, 404, 429, 500, 503, 504], || get().to(students::student)) },
    RouteSpec { is_compressed: true, ..route(paths::ASSET, Verb::Get, &[200, 404, 406], || get().to(assets::asset)) },
    probe(paths::HEALTH, &[200], || get().to(health::summary)),
    probe(paths::LIVE, &[200, 503], || get().to(health::live)),
    probe(paths::READY, &[200, 503], || get().to(health::ready)),
    probe(paths::METRICS, &[200], || get().to(health::metrics)),
    RouteSpec { is_traced: true, ..probe(paths::VERSION, &[200], || get().to(health::version)) },
];

impl Verb {
    /// The header field `Allow`.
    pub(crate) const fn allow(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD, OPTIONS",
            Self::Post => "POST, OPTIONS",
        }
    }

    /// The method itself.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// The paths for which `filter` holds.
pub(crate) fn paths_where(filter: impl Fn(&RouteSpec) -> bool) -> Vec<&'static str> {
    ROUTES.iter().filter(|route| filter(route)).map(|route| route.path).collect()
}

/// The routes of the application's listener.
pub(crate) fn application(config: &mut ServiceConfig, public_metrics: bool) {
    let routes = ROUTES.iter().filter(|route| public_metrics || route.path != paths::METRICS);
    routes.for_each(|route| register(config, route));
    config.default_service(web::to(not_found));
}

/// The routes of the admin listener.
pub(crate) fn admin(config: &mut ServiceConfig) {
    let routes = ROUTES.iter().filter(|route| route.audience == Audience::Operators);
    routes.for_each(|route| register(config, route));
    config.default_service(web::to(not_found));
}

/// Adds a path with its handler, which answers other methods with those that it allows.
fn register(config: &mut ServiceConfig, spec: &'static RouteSpec) {
    let allow = spec.verb.allow();
    let other = move |method: Method| async move {
        match method {
            Method::OPTIONS => Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish()),
            _ => Err(Problem::method_not_allowed(allow)),
        }
    };
    let resource = web::resource(spec.path)
        .route((spec.handler)())
        .default_service(web::to(other))
        .wrap(from_fn(panics::middleware));
    if spec.is_compressed {
        config.service(resource.wrap(Compress::default()));
    } else {
        config.service(resource);
    }
}

/// GET, and HEAD with it.
fn get() -> Route {
    let guard =
        |context: &GuardContext<'_>| matches!(context.head().method, Method::GET | Method::HEAD);
    web::route().guard(guard::fn_guard(guard))
}

/// Every other path. `OPTIONS *` asks for the server as a whole (RFC 9110 9.3.7).
async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if request.method() == Method::OPTIONS && request.path() == "*" {
        let allow = (ALLOW, "GET, HEAD, POST, OPTIONS");
        return Ok(HttpResponse::NoContent().insert_header(allow).finish());
    }
    Err(Problem::not_found())
}
