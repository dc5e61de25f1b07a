//! The root span of every request, named by OpenTelemetry's HTTP conventions, and the two log
//! lines that every request leaves.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Version, uri::Authority},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;

use super::metrics::method_label;

/// Builds root spans. Health checks and scrapes have none: they would bury the rest.
pub(crate) struct RequestSpan;

/// When a request began.
#[derive(Clone, Copy)]
struct Begun(Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        if is_probe(request.path()) {
            return Span::none();
        }
        request.extensions_mut().insert(Begun(Instant::now()));
        let span = span(request);
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        registration_telemetry::continue_trace(&span, header("traceparent"), header("tracestate"));
        let (method, path) = (method_label(request.method()), request.path());
        span.in_scope(|| tracing::info!(method, path, "Incoming request"));
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("error.type", status.as_str());
            span.record("otel.status_code", "ERROR");
        }
        let Ok(response) = outcome else { return };
        let request = response.request();
        let begun = request.extensions().get::<Begun>().copied();
        if let Some(Begun(begun)) = begun {
            let method = method_label(request.method());
            let route = request.match_pattern();
            let duration_ms = begun.elapsed().as_micros() as f64 / 1000.0;
            span.in_scope(|| {
                tracing::info!(
                    method,
                    route = route.as_deref(),
                    status = status.as_u16(),
                    duration_ms,
                    "Request completed"
                );
            });
        }
    }
}

fn is_probe(path: &str) -> bool {
    path == "/metrics" || path == "/health" || path.starts_with("/health/")
}

fn span(request: &ServiceRequest) -> Span {
    let method = method_label(request.method());
    let route = request.match_pattern();
    let name = match &route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    };
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host: Option<Authority> = header("host").and_then(|host| host.parse().ok());
    let peer = request.peer_addr().map(|peer| peer.ip().to_string());
    tracing::info_span!(
        "request",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route.as_deref(),
        http.response.status_code = Empty,
        url.path = request.path(),
        url.scheme = "http", // TLS ends at a proxy
        server.address = host.as_ref().map(Authority::host),
        server.port = host.as_ref().and_then(Authority::port_u16),
        client.address = peer,
        user_agent.original = header("user-agent"),
        network.protocol.version = protocol_version(request.version()),
        error.type = Empty,
    )
}

fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}
