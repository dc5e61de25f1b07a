//! The exporter `console`: spans on standard output, one JSON object a line, among the log lines.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use opentelemetry::{Array, KeyValue, Value as Attribute, trace::Status};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use serde_json::{Map, Value, json};

use crate::logs::LineQueue;

/// Writes spans to standard output.
pub(super) struct ConsoleExporter(LineQueue);

impl ConsoleExporter {
    pub(super) fn new(output: LineQueue) -> Self {
        Self(output)
    }
}

impl std::fmt::Debug for ConsoleExporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsoleExporter")
    }
}

impl SpanExporter for ConsoleExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter().for_each(|span| self.0.write(format!("{}\n", json(span)).as_bytes()));
        Ok(())
    }
}

fn json(span: &SpanData) -> Value {
    let time =
        |time: SystemTime| DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Micros, true);
    let duration = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
    let events: Vec<_> = span
        .events
        .iter()
        .map(|event| json!({"name": event.name, "attributes": members(&event.attributes)}))
        .collect();
    let status = match &span.status {
        Status::Unset => "unset",
        Status::Ok => "ok",
        Status::Error { .. } => "error",
    };
    json!({
        "timestamp": time(span.start_time),
        "span": span.name,
        "kind": format!("{:?}", span.span_kind).to_lowercase(),
        "trace_id": span.span_context.trace_id().to_string(),
        "span_id": span.span_context.span_id().to_string(),
        "parent_span_id": span.parent_span_id.to_string(),
        "duration_ms": duration.as_secs_f64() * 1000.0,
        "status": status,
        "events": events,
        "attributes": members(&span.attributes),
    })
}

fn members(attributes: &[KeyValue]) -> Map<String, Value> {
    attributes.iter().map(|pair| (pair.key.to_string(), value(&pair.value))).collect()
}

fn value(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Bool(value) => (*value).into(),
        Attribute::I64(value) => (*value).into(),
        Attribute::F64(value) => (*value).into(),
        Attribute::String(value) => value.as_str().into(),
        Attribute::Array(Array::String(values)) => {
            values.iter().map(|value| Value::from(value.as_str())).collect()
        }
        other => other.to_string().into(),
    }
}
