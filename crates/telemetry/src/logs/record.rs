//! A log record: an event with its time and trace.

use std::{borrow::Cow, fmt, time::SystemTime};

use opentelemetry::{
    Context, Key,
    logs::{AnyValue, LogRecord as _, Severity},
    trace::{SpanContext, TraceContextExt as _},
};
use opentelemetry_sdk::logs::SdkLogRecord;
use serde_json::Value;
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

use crate::shorten::shorten;

/// An event, its time, and the span in which it happened.
pub(super) struct Record {
    pub(super) time: SystemTime,
    pub(super) level: Level,
    /// The module that logs.
    pub(super) target: Cow<'static, str>,
    /// Invalid outside of a trace.
    pub(super) span: SpanContext,
    pub(super) message: String,
    /// Names and values, in the order of the event's fields.
    pub(super) attributes: Vec<(&'static str, Value)>,
}

impl Record {
    pub(super) fn new(event: &Event<'_>, time: SystemTime) -> Self {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields { message, log_target, attributes } = fields;
        let metadata = event.metadata();
        Self {
            time,
            level: *metadata.level(),
            target: log_target.map_or(Cow::Borrowed(metadata.target()), Cow::Owned),
            span: Context::map_current(|context| context.span().span_context().clone()),
            message,
            attributes,
        }
    }

    /// Moves the record into the SDK's.
    pub(super) fn export(self, exported: &mut SdkLogRecord) {
        let (text, number) = severity(self.level);
        exported.set_timestamp(self.time);
        exported.set_severity_text(text);
        exported.set_severity_number(number);
        exported.set_target(self.target);
        exported.set_body(self.message.into());
        let attributes = self.attributes.into_iter();
        exported.add_attributes(attributes.map(|(name, value)| (name, any_value(value))));
        if self.span.is_valid() {
            let (trace_id, span_id) = (self.span.trace_id(), self.span.span_id());
            exported.set_trace_context(trace_id, span_id, Some(self.span.trace_flags()));
        }
    }
}

/// The severity of OpenTelemetry's log data model, as text and number.
pub(super) fn severity(level: Level) -> (&'static str, Severity) {
    match level {
        Level::TRACE => ("TRACE", Severity::Trace),
        Level::DEBUG => ("DEBUG", Severity::Debug),
        Level::INFO => ("INFO", Severity::Info),
        Level::WARN => ("WARN", Severity::Warn),
        Level::ERROR => ("ERROR", Severity::Error),
    }
}

/// The size of an exported record in memory, in bytes. Depends on nothing that changes while it is
/// queued.
pub(super) fn size(record: &SdkLogRecord) -> usize {
    let text = |value: &AnyValue| match value {
        AnyValue::String(text) => text.as_str().len(),
        _ => 0,
    };
    let attributes = record.attributes_iter();
    size_of::<SdkLogRecord>()
        + record.target().map_or(0, |target| target.len())
        + record.body().map_or(0, text)
        + attributes.map(|(_, value)| size_of::<(Key, AnyValue)>() + text(value)).sum::<usize>()
}

fn any_value(value: Value) -> AnyValue {
    match value {
        Value::String(text) => text.into(),
        Value::Bool(value) => value.into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        other => other.to_string().into(),
    }
}

/// Collects an event's message and its other fields.
#[derive(Default)]
struct Fields {
    message: String,
    /// The target of an event from the `log` façade, whose own target is always `log`.
    log_target: Option<String>,
    attributes: Vec<(&'static str, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        let mut value = value.into();
        if let Value::String(text) = &mut value {
            shorten(text);
        }
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("log.target", Value::String(target)) => self.log_target = Some(target),
            // File, line and module path, which the `log` façade adds.
            (name, _) if name.starts_with("log.") => {}
            (name, value) => self.attributes.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}
