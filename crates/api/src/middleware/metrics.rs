//! Counts and times every request, by method, route and status.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use metrics::{counter, gauge, histogram};

use super::root_span::method_label;

/// The middleware.
pub(crate) async fn record<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let method = method_label(request.method());
    let endpoint = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let in_flight = InFlight::enter();
    let start = Instant::now();
    let outcome = next.call(request).await;
    drop(in_flight);

    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let labels = [
        ("method", method.to_owned()),
        ("endpoint", endpoint),
        ("status_code", status.as_str().to_owned()),
    ];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_duration_seconds", &labels).record(start.elapsed());
    if status.is_client_error() || status.is_server_error() {
        counter!("http_errors_total", &labels).increment(1);
    }
    outcome
}

/// Counts a request as in flight for as long as it lives, even when its client goes away.
struct InFlight;

impl InFlight {
    fn enter() -> Self {
        gauge!("http_requests_in_flight").increment(1);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("http_requests_in_flight").decrement(1);
    }
}
