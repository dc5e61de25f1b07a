//! The JSON encoding of OTLP, limited to the members that the page's script sends.

use serde::Deserialize;

/// A message (OTLP 1.x, JSON encoding). Other members are refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Message {
    pub(super) resource_spans: [ResourceSpans; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ResourceSpans {
    pub(super) resource: Resource,
    pub(super) scope_spans: [ScopeSpans; 1],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    pub(super) attributes: [KeyValue; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeSpans {
    #[expect(dead_code, reason = "required, and not passed on")]
    pub(super) scope: Scope,
    pub(super) spans: Vec<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    #[expect(dead_code, reason = "required, and not passed on")]
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Span {
    pub(super) trace_id: String,
    pub(super) span_id: String,
    #[serde(default)]
    pub(super) parent_span_id: String,
    pub(super) flags: u32,
    pub(super) name: String,
    pub(super) kind: u32,
    pub(super) start_time_unix_nano: String,
    pub(super) end_time_unix_nano: String,
    pub(super) attributes: Vec<KeyValue>,
    #[serde(default)]
    pub(super) status: Status,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    pub(super) code: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Value {
    StringValue(String),
    IntValue(String),
}
