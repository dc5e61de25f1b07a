//! Counts and times every request, by method, route and status.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};
use metrics::{counter, gauge, histogram};
use registration_telemetry::Histogram;

/// The histograms of this crate: seconds, with the buckets of OpenTelemetry's
/// `http.server.request.duration`.
pub(crate) const HISTOGRAMS: [Histogram; 1] = [Histogram {
    name: "http_request_duration_seconds",
    buckets: &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
}];

/// Says what each metric is, once, at start.
pub(crate) fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("http_requests_total", "Requests answered");
    describe_counter!("http_errors_total", "Requests answered with a status of 400 or above");
    describe_gauge!("http_requests_in_flight", "Requests being answered");
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "Time from a request's head to its response's head"
    );
}

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

/// The method, or `_OTHER`: a client may invent methods, a label may not.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "_OTHER",
    }
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
