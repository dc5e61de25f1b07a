//! The names that attributes had before OpenTelemetry's conventions became stable, beside the
//! stable ones, for dashboards that still ask for them (`OTEL_SEMCONV_STABILITY_OPT_IN`).
//!
//! Spans are given both names on their way to the exporter, so that no request pays for it and
//! instrumented code knows one name for each thing.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::environment::Legacy;

/// Stable names and what they were called.
const HTTP: [(&str, &str); 2] =
    [("http.request.method", "http.method"), ("http.response.status_code", "http.status_code")];
const DATABASE: [(&str, &str); 3] = [
    ("db.system.name", "db.system"),
    ("db.namespace", "db.name"),
    ("db.query.text", "db.statement"),
];

/// Has no stable successor: recorded by instrumented code, and left out unless it is asked for.
const DATABASE_USER: &str = "db.user";

/// Adds the older names that were asked for.
pub(crate) fn add_names(span: &mut SpanData, legacy: Legacy) {
    let attributes = &mut span.attributes;
    if legacy.http {
        duplicate(attributes, &HTTP);
        if let Some(url) = url(attributes) {
            attributes.push(KeyValue::new("http.url", url));
        }
    }
    if legacy.database {
        duplicate(attributes, &DATABASE);
    } else {
        attributes.retain(|attribute| attribute.key.as_str() != DATABASE_USER);
    }
}

fn duplicate(attributes: &mut Vec<KeyValue>, names: &[(&'static str, &'static str)]) {
    for (stable, older) in names {
        if let Some(value) = find(attributes, stable) {
            let value = value.clone();
            attributes.push(KeyValue::new(Key::from_static_str(older), value));
        }
    }
}

/// What `http.url` was: scheme, host, port and path.
fn url(attributes: &[KeyValue]) -> Option<String> {
    let scheme = find(attributes, "url.scheme")?;
    let path = find(attributes, "url.path")?;
    let host = find(attributes, "server.address").map(Value::as_str).unwrap_or_default();
    let port = find(attributes, "server.port").map(|port| format!(":{port}"));
    Some(format!("{scheme}://{host}{}{path}", port.unwrap_or_default()))
}

fn find<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    attributes.iter().find(|attribute| attribute.key.as_str() == name).map(|found| &found.value)
}
