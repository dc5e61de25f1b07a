//! The root span of a request, by OpenTelemetry's HTTP conventions, and its two log lines.

use std::{borrow::Cow, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, Version, header::HeaderName, uri::Authority},
    web::Data,
};
use registration_application::redaction::redacted;
use registration_domain::StudentId;
use registration_telemetry::shortened;
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;

use crate::web::{
    client_address::{self, TrustedProxies},
    reference::SupportReference,
};

/// Maximum length of a header, in bytes, and number of segments of a path that a span records: clients
/// must not fill the span queue.
pub(crate) const MAX_HEADER_BYTES: usize = 256;
const MAX_SEGMENTS: usize = 8;

/// What root spans depend on. Middleware finds it in the application's data.
#[derive(Clone, Debug)]
pub(crate) struct RootSpanSettings {
    /// Paths without a span or log line, below which nothing else is served: probes and scrapes
    /// would outnumber everything else.
    pub(crate) untraced: Vec<&'static str>,
    /// Whether any trace is exported. Otherwise a span carries only its ids.
    pub(crate) exports_traces: bool,
    pub(crate) trusted_proxies: TrustedProxies,
}

/// Builds root spans.
pub(crate) struct RequestSpan;

/// When a request started, and at which route.
pub(super) struct RequestStart {
    at: Instant,
    pub(super) route: Option<Arc<str>>,
}

/// W3C Trace Context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let settings = request.app_data::<Data<RootSpanSettings>>();
        if settings.is_some_and(|settings| settings.is_untraced(request.path())) {
            return Span::none();
        }
        let at = Instant::now();
        let route: Option<Arc<str>> = request.match_pattern().map(Arc::from);
        let span = span(request, route.as_deref(), settings.map(|settings| &***settings));
        // Of two, neither can be trusted.
        let mut parents = request.headers().get_all(TRACEPARENT);
        let parent = parents.next().filter(|_| parents.next().is_none());
        let traceparent = parent.and_then(|value| value.to_str().ok());
        registration_telemetry::continue_trace(&span, traceparent);
        let method = method_label(request.method());
        span.in_scope(|| tracing::info!(method, route = route.as_deref(), "Incoming request"));
        request.extensions_mut().insert(RequestStart { at, route });
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        // Signed: an unsigned number would be exported as text.
        span.record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            span.record("error.type", status.as_str());
            span.record("otel.status_code", "ERROR");
        }
        let Ok(response) = outcome else { return };
        let request = response.request();
        let reference = request.extensions_mut().remove::<SupportReference>();
        let reference = reference.map(|reference| reference.to_string());
        if let Some(reference) = &reference {
            span.record("registration.reference", reference);
        }
        let start = request.extensions_mut().remove::<RequestStart>();
        if let Some(RequestStart { at, route }) = start {
            let method = method_label(request.method());
            let duration_ms = at.elapsed().as_micros() as f64 / 1000.0;
            let (route, status) = (route.as_deref(), status.as_u16());
            span.in_scope(|| {
                tracing::info!(method, route, status, duration_ms, reference, "Request completed");
            });
        }
    }
}

impl RootSpanSettings {
    fn is_untraced(&self, path: &str) -> bool {
        self.untraced.contains(&path)
    }
}

fn span(
    request: &ServiceRequest,
    route: Option<&str>,
    settings: Option<&RootSpanSettings>,
) -> Span {
    if settings.is_some_and(|settings| !settings.exports_traces) {
        // For the ids alone, which log lines and responses carry.
        return tracing::info_span!("request");
    }
    let method = method_label(request.method());
    let known = method != OTHER;
    let verb = if known { method } else { "HTTP" };
    let name = match route {
        Some(route) => format!("{verb} {route}"),
        None => verb.to_owned(),
    };
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host: Option<Authority> = header("host").and_then(|host| host.parse().ok());
    let proxies = settings.map(|settings| settings.trusted_proxies).unwrap_or_default();
    let client = client_address::address(request.request().head(), proxies);
    tracing::info_span!(
        "request",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.request.method_original = (!known).then(|| header_text(request.method().as_str())).as_deref(),
        http.route = route,
        http.response.status_code = Empty,
        url.path = &*path(request.path(), route),
        url.scheme = "http", // TLS ends at a proxy
        server.address = host.as_ref().map(|host| header_text(host.host())).as_deref(),
        server.port = host.as_ref().and_then(Authority::port_u16).map(i64::from),
        client.address = client.map(|client| client.to_string()),
        user_agent.original = header("user-agent").map(user_agent).as_deref(),
        network.protocol.version = protocol_version(request.version()),
        registration.reference = Empty,
        error.type = Empty,
    )
}

/// The path as a span records it. A client can write personal data into a path: an id is recorded,
/// any other parameter as its route, and a path without a route as its shape.
fn path<'a>(path: &'a str, route: Option<&'a str>) -> Cow<'a, str> {
    let Some(route) = route else { return shape(path).into() };
    let last = path.rsplit('/').next().unwrap_or_default();
    if route.contains('{') && last.parse::<StudentId>().is_err() {
        route.into()
    } else {
        path.into()
    }
}

/// The length of each part of a path: `/[7 chars]`.
fn shape(path: &str) -> String {
    let segments = path.split('/').skip(1).take(MAX_SEGMENTS);
    segments.map(|segment| format!("/{}", redacted(segment))).collect()
}

/// The client's program, without the owner's address that some clients append.
fn user_agent(text: &str) -> Cow<'_, str> {
    let Some((before, _)) = text.split_once('@') else { return header_text(text) };
    header_text(before.rsplit_once([' ', '(', ';']).map_or("", |(program, _)| program))
}

/// A header as a span records it.
fn header_text(text: &str) -> Cow<'_, str> {
    shortened(text, MAX_HEADER_BYTES)
}

/// The label of a method that HTTP does not define.
pub(crate) const OTHER: &str = "_OTHER";

/// The method, or `_OTHER`: labels and attributes are bounded, clients' methods are not.
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
        _ => OTHER,
    }
}

fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_path_holds_ids_and_no_other_client_text() {
        let id = "/students/0190163d-8694-739b-aea5-966c26f8ad91";
        for (given, route, recorded) in [
            ("/register", Some("/register"), "/register"),
            (id, Some("/students/{id}"), id),
            ("/students/jane@example.org", Some("/students/{id}"), "/students/{id}"),
            ("/assets/jane", Some("/assets/{file}"), "/assets/{file}"),
            ("/jane/doe%20x", None, "/[4 chars]/[7 chars]"),
            ("/", None, "/[0 chars]"),
        ] {
            assert_eq!(path(given, route), recorded);
        }
        assert_eq!(shape(&"/x".repeat(100)), "/[1 chars]".repeat(MAX_SEGMENTS));
        assert_eq!(user_agent("Bot/1.0 (+jane@example.org)"), "Bot/1.0 ");
        assert_eq!(user_agent("jane@example.org"), "");
        assert_eq!(user_agent("curl/8.0"), "curl/8.0");
        assert_eq!(user_agent(&"x".repeat(300)).len(), MAX_HEADER_BYTES);
    }
}
