//! `/api/process` calls `/api/transform`, which calls `/api/data`: HTTP requests that carry the trace on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use registration_application::desk::demo;
use serde_json::{Value, json};
use tracing::{Instrument as _, field::Empty};

use super::Demo;
use crate::web::{paths, problem::Problem};

/// The address at which the listener of a request listens.
#[derive(Clone, Copy)]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

#[tracing::instrument(name = "process_handler", skip_all)]
pub(crate) async fn process(
    request: HttpRequest,
    feature: Data<Demo>,
) -> Result<HttpResponse, Problem> {
    let transformed = call(&request, &feature, paths::DEMO_TRANSFORM).await?;
    Ok(HttpResponse::Ok().json(json!({"processed": transformed})))
}

#[tracing::instrument(name = "transform_handler", skip_all)]
pub(crate) async fn transform(
    request: HttpRequest,
    feature: Data<Demo>,
) -> Result<HttpResponse, Problem> {
    let data = call(&request, &feature, paths::DEMO_DATA).await?;
    Ok(HttpResponse::Ok().json(json!({"transformed": data})))
}

#[tracing::instrument(name = "data_handler", skip_all)]
pub(crate) async fn data(feature: Data<Demo>) -> Result<HttpResponse, Problem> {
    let items = demo::count_items(&feature.office).await?;
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

/// Reads JSON from the next service.
async fn call(request: &HttpRequest, feature: &Demo, path: &str) -> Result<Value, Problem> {
    let url = match (&feature.outbound, request.app_data::<ListenAddress>()) {
        (Some(outbound), _) => outbound.of(path),
        (None, Some(ListenAddress(address))) => format!("http://{}{path}", reachable(*address)),
        (None, None) => return Err(Problem::unexpected("the listener has no address")),
    };
    let url: reqwest::Url = url.parse().map_err(Problem::unexpected)?;
    let span = tracing::info_span!(
        "http_request",
        otel.name = "GET",
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = "GET",
        http.response.status_code = Empty,
        server.address = url.host_str(),
        server.port = url.port_or_known_default().map(i64::from),
        url.full = url.as_str(),
        error.type = Empty,
    );
    let sent = async {
        let mut outgoing = feature.client.get(url);
        if let Some(traceparent) = registration_telemetry::traceparent() {
            outgoing = outgoing.header("traceparent", traceparent);
        }
        let answer = outgoing.send().await?;
        span.record("http.response.status_code", i64::from(answer.status().as_u16()));
        answer.error_for_status()?.json().await
    };
    sent.instrument(span.clone()).await.map_err(|error| {
        let status = error.status().map(|status| status.as_u16().to_string());
        span.record("otel.status_code", "ERROR");
        span.record("error.type", status.as_deref().unwrap_or(kind(&error)));
        let status = StatusCode::BAD_GATEWAY;
        Problem::new(status, "outbound_failed", |m| m.outbound_failed).caused_by(error)
    })
}

fn kind(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "timeout",
        error if error.is_connect() => "connect",
        error if error.is_decode() => "decode",
        _ => "_OTHER",
    }
}

/// The address to connect to: the loopback address where the listener takes connections at every address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
