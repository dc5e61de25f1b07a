//! Header fields of every response: a page loads nothing from other sites, is embedded in none, and
//! stays with TLS; and what is left of the rate limits.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
    middleware::{DefaultHeaders, Next},
};

use crate::web::{
    client_address::{self, TrustedProxies},
    rate_limit::RateLimitFields,
};

/// Only this service's own files, and nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// A browser that has used TLS does so for a year (RFC 6797). Other hosts of the domain may have
/// none, so this names one host alone.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The security headers, where a response does not set its own.
pub(crate) fn security() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"))
        .add((header::CACHE_CONTROL, "no-store"))
}

/// The middleware of the fields that depend on the request, whatever the response's status.
pub(crate) async fn of_request<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let proxies: TrustedProxies = request.app_data().copied().unwrap_or_default();
    let is_https = client_address::is_https(request.head(), proxies);
    let mut response = next.call(request).await?;
    let rate_limits = response.request().extensions_mut().remove::<RateLimitFields>();
    let headers = response.headers_mut();
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    if let Some(RateLimitFields { policy, limit }) = rate_limits {
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
    Ok(response)
}
