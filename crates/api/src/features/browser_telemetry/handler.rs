//! `POST /telemetry/v1/traces`: the spans of the form's page, as OTLP/JSON. Only what the page's script
//! sends is accepted, name by name and value by value: a client cannot write other text into traces.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HOST, ORIGIN},
    },
    web::{Data, Payload},
};
use serde_json::json;

use super::{
    BrowserTelemetry,
    destination::Destination,
    spans::{self, ReceivedAt},
};
use crate::{
    clock,
    web::{
        base_path::BasePath,
        body::{self, BodyFormat},
        client_address,
        problem::Problem,
        rate_limit,
    },
};

pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    feature: Data<BrowserTelemetry>,
) -> Result<HttpResponse, Problem> {
    if !feature.is_enabled {
        return Err(Problem::not_found());
    }
    if is_foreign(&request) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", |m| m.foreign_origin));
    }
    if body::format(&request)? != BodyFormat::Json {
        return Err(body::not_json());
    }
    let address = client_address::address(request.head(), feature.trusted_proxies);
    let quota = feature.limits.check_browser_spans(address);
    rate_limit::check(&request, quota, |m| m.rate_limited.detail)?;
    let body = body::read(&request, payload, feature.body_timeout).await?;
    let (origin, base) = (header(&request, ORIGIN.as_str()), BasePath::of(&request));
    let destination =
        header(&request, HOST.as_str()).and_then(|host| Destination::of(origin?, host, base));
    let received = ReceivedAt { now: clock::now(), sent_at: sent_at(&request), destination };
    let spans = spans::read(&body, &received).ok_or_else(|| Problem::malformed(|m| m.bad_spans))?;
    for span in spans {
        span.record_form_events();
        if span.is_sampled {
            feature.relay.export(span.relayed);
        }
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

/// `?sent_at=`: `sendBeacon` cannot set headers.
fn sent_at(request: &HttpRequest) -> Option<i64> {
    request.query_string().strip_prefix("sent_at=")?.parse().ok()
}

/// Whether the browser reports that a page of another site sent the request.
fn is_foreign(request: &HttpRequest) -> bool {
    let header = |name| header(request, name);
    match (header("sec-fetch-site"), header(ORIGIN.as_str()), header(HOST.as_str())) {
        (Some(site), ..) => site != "same-origin",
        (None, Some(origin), host) => {
            origin.split_once("://").map(|(_, authority)| authority) != host
        }
        (None, None, _) => false,
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}
