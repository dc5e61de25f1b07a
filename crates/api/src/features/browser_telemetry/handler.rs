//! `POST /telemetry/v1/traces`: what the form's page tells about itself, as OTLP/JSON. Only what the
//! page's script sends is understood, name by name and value by value; the rest is refused whole, so
//! that nobody writes into our traces what we would not.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HOST, ORIGIN},
    web::{Data, Payload},
};
use serde_json::json;

use crate::{
    app::App,
    body::{self, Kind},
    browser_spans::{self, Arrival},
    clock,
    problem::{ApiError, Failure, Malformed},
};

pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    if !app.config.browser_telemetry {
        return Err(ApiError::NotFound.into());
    }
    if is_foreign(&request) {
        return Err(ApiError::ForeignOrigin.into());
    }
    if body::kind(&request)? != Kind::Json {
        return Err(ApiError::UnsupportedMediaType.into());
    }
    app.limits.admit_spans(&request, app.client_address(request.head()))?;
    let body = body::read(&request, payload, app.config.client_timeout).await?;
    let origin = header(&request, ORIGIN.as_str()).and_then(|origin| origin.parse().ok());
    let arrival =
        Arrival { now: clock::now(), sent_at: sent_at(&request), origin: origin.as_ref() };
    let spans = browser_spans::read(&body, &arrival).ok_or(Malformed::Spans)?;
    for span in spans {
        span.count();
        if span.is_sampled {
            app.relay.export(span.relayed);
        }
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

/// `?sent_at=`: a message that leaves with its page can have no headers of its own.
fn sent_at(request: &HttpRequest) -> Option<i64> {
    request.query_string().strip_prefix("sent_at=")?.parse().ok()
}

/// Whether a browser says that a page of another site asks.
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
