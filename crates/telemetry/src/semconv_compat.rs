//! Adds the attribute names that preceded OpenTelemetry's stable semantic conventions
//! (`OTEL_SEMCONV_STABILITY_OPT_IN`).
//!
//! The exporter's thread adds them, so that requests do not pay for it and instrumented code uses the
//! stable names only.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::environment::SemconvCompat;

/// Stable names and their older equivalents.
const HTTP: [(&str, &str); 2] =
    [("http.request.method", "http.method"), ("http.response.status_code", "http.status_code")];
const DATABASE: [(&str, &str); 3] = [
    ("db.system.name", "db.system"),
    ("db.namespace", "db.name"),
    ("db.query.text", "db.statement"),
];

/// Has no stable equivalent: instrumented code records it, and it is removed unless opted in.
const DATABASE_USER: &str = "db.user";

/// Adds the older names of the groups that are opted in.
pub(crate) fn add_names(span: &mut SpanData, compat: SemconvCompat) {
    let attributes = &mut span.attributes;
    if compat.http {
        duplicate(attributes, &HTTP);
        if let Some(url) = url(attributes) {
            attributes.push(KeyValue::new("http.url", url));
        }
    }
    if compat.database {
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

/// The value of `http.url`: scheme, host, port and path.
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
