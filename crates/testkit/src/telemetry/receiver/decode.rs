//! From OTLP's messages to what tests look at.

use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value as Any},
    resource::v1::Resource,
    trace::v1::status::StatusCode as SpanStatus,
};
use serde_json::Value;

use crate::telemetry::{Attributes, Event, Link, LogRecord, Span};

pub(super) fn spans(request: ExportTraceServiceRequest) -> Vec<Span> {
    let mut spans = Vec::new();
    for group in request.resource_spans {
        let resource = resource(group.resource);
        for span in group.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let kind = span.kind().as_str_name();
            let failed = span.status.as_ref().is_some_and(|s| s.code() == SpanStatus::Error);
            spans.push(Span {
                trace_id: hex(&span.trace_id),
                span_id: hex(&span.span_id),
                parent_id: hex(&span.parent_span_id),
                name: span.name,
                kind: kind.trim_start_matches("SPAN_KIND_").to_lowercase(),
                start_time_ns: span.start_time_unix_nano,
                failed,
                attributes: attributes(span.attributes),
                events: span
                    .events
                    .into_iter()
                    .map(|event| Event {
                        name: event.name,
                        attributes: attributes(event.attributes),
                    })
                    .collect(),
                links: span
                    .links
                    .into_iter()
                    .map(|link| Link { trace_id: hex(&link.trace_id), span_id: hex(&link.span_id) })
                    .collect(),
                resource: resource.clone(),
            });
        }
    }
    spans
}

pub(super) fn logs(request: ExportLogsServiceRequest) -> Vec<LogRecord> {
    let mut logs = Vec::new();
    for group in request.resource_logs {
        let resource = resource(group.resource);
        for scope in group.scope_logs {
            let target = scope.scope.unwrap_or_default().name;
            for log in scope.log_records {
                let body = value(log.body.and_then(|body| body.value));
                logs.push(LogRecord {
                    body: body.as_str().unwrap_or_default().to_owned(),
                    severity: log.severity_text,
                    trace_id: hex(&log.trace_id),
                    span_id: hex(&log.span_id),
                    target: target.clone(),
                    attributes: attributes(log.attributes),
                    resource: resource.clone(),
                });
            }
        }
    }
    logs
}

fn resource(resource: Option<Resource>) -> Attributes {
    attributes(resource.unwrap_or_default().attributes)
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    let pair = |pair: KeyValue| (pair.key, value(pair.value.and_then(|value| value.value)));
    pairs.into_iter().map(pair).collect()
}

fn value(value: Option<Any>) -> Value {
    match value {
        Some(Any::StringValue(text)) => text.into(),
        Some(Any::BoolValue(value)) => value.into(),
        Some(Any::IntValue(value)) => value.into(),
        Some(Any::DoubleValue(value)) => value.into(),
        Some(other) => format!("{other:?}").into(),
        None => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
