//! CORS (Fetch standard): scripts of configured origins may send registrations.

use actix_cors::Cors;
use actix_web::{http::Method, middleware::Condition};

/// The middleware, which does nothing where no origin is allowed. `paths` are those that other
/// origins may use.
pub(crate) fn allow(origins: &[String], paths: Vec<&'static str>) -> Condition<Cors> {
    let allowed = origins.to_vec();
    let cors = Cors::default()
        .allowed_origin_fn(move |origin, head| {
            paths.contains(&head.uri.path()) && allowed.iter().any(|allowed| origin == allowed)
        })
        .allowed_methods([Method::POST])
        .allowed_headers([
            "accept",
            "accept-language",
            "content-type",
            "idempotency-key",
            "traceparent",
            // Not read; a page's tracing library may send them, and its preflight must not fail.
            "tracestate",
            "baggage",
        ])
        .expose_headers(["location", "retry-after", "ratelimit", "ratelimit-policy"])
        .max_age(3600);
    Condition::new(!origins.is_empty(), cors)
}
