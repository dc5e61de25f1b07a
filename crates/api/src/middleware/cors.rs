//! Lets pages of other origins send registrations, where the configuration allows it.

use actix_cors::Cors;
use actix_web::{http::Method, middleware::Condition};

/// The middleware (Fetch standard, CORS protocol), which does nothing where no origin is allowed. To
/// registrations alone: the rest is none of their business.
pub(crate) fn allow(origins: &[String]) -> Condition<Cors> {
    let allowed = origins.to_vec();
    let cors = Cors::default()
        .allowed_origin_fn(move |origin, head| {
            head.uri.path() == "/register" && allowed.iter().any(|allowed| origin == allowed)
        })
        .allowed_methods([Method::POST])
        .allowed_headers([
            "accept",
            "accept-language",
            "content-type",
            "idempotency-key",
            "traceparent",
        ])
        .expose_headers(["location", "retry-after", "ratelimit", "ratelimit-policy"])
        .max_age(3600);
    Condition::new(!origins.is_empty(), cors)
}
