//! One event as a line: what it says, when, and in which trace.

use std::{
    borrow::Cow,
    fmt::{self, Display, Write as _},
    time::SystemTime,
};

use chrono::{DateTime, SecondsFormat, Utc};
use opentelemetry::{
    logs::{AnyValue, LogRecord as _, Severity},
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceId},
};
use opentelemetry_sdk::logs::SdkLogRecord;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

/// An event, its time and its trace.
pub(super) struct Record {
    time: SystemTime,
    metadata: &'static Metadata<'static>,
    target: Cow<'static, str>,
    trace: SpanContext,
    message: String,
    attributes: Attributes,
}

impl Record {
    pub(super) fn new(event: &Event<'_>, time: SystemTime) -> Self {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let trace =
            opentelemetry::Context::map_current(|context| context.span().span_context().clone());
        let Fields { message, log_target, attributes } = fields;
        let metadata = event.metadata();
        let target = log_target.map_or(Cow::Borrowed(metadata.target()), Cow::Owned);
        Self { time, metadata, target, trace, message, attributes }
    }

    /// The line for machines, with the field names of OpenTelemetry's log data model.
    pub(super) fn json(&self, resource: &RawValue) -> Vec<u8> {
        let (severity_text, severity_number, _) = severity(*self.metadata.level());
        let is_traced = self.trace.is_valid();
        let line = Line {
            timestamp: DateTime::<Utc>::from(self.time)
                .to_rfc3339_opts(SecondsFormat::Micros, true),
            severity_text,
            severity_number,
            body: &self.message,
            trace_id: is_traced.then(|| Displayed(self.trace.trace_id())),
            span_id: is_traced.then(|| Displayed(self.trace.span_id())),
            trace_flags: is_traced.then(|| Displayed(Flags(self.trace.trace_flags().to_u8()))),
            target: &self.target,
            resource,
            attributes: &self.attributes,
        };
        let mut text = Vec::with_capacity(LINE);
        let _ = serde_json::to_writer(&mut text, &line);
        text.push(b'\n');
        text
    }

    /// Which part of the program speaks.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// The same, for OTLP.
    pub(super) fn export(self, exported: &mut SdkLogRecord) {
        let (text, _, number) = severity(*self.metadata.level());
        exported.set_timestamp(self.time);
        exported.set_severity_text(text);
        exported.set_severity_number(number);
        exported.set_target(self.target);
        exported.set_body(self.message.into());
        exported.add_attributes(
            self.attributes.0.into_iter().map(|(name, value)| (name, any_value(value))),
        );
        if self.trace.is_valid() {
            let (trace, span) = (self.trace.trace_id(), self.trace.span_id());
            exported.set_trace_context(trace, span, Some(self.trace.trace_flags()));
        }
    }

    /// The line for people.
    pub(super) fn pretty(&self, colours: bool) -> Vec<u8> {
        let paint = |code: u8, text: &str| match colours {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        };
        let level = *self.metadata.level();
        let time = DateTime::<Utc>::from(self.time).format("%H:%M:%S%.3f").to_string();
        let level = paint(colour(level), &format!("{:>5}", severity(level).0));
        let mut line = format!("{} {level} {}", paint(2, &time), self.message);
        for (name, value) in &self.attributes.0 {
            let value = match value {
                // Quoted where it could break the line or pass for another attribute.
                Value::String(text) if !text.contains(|c: char| c.is_control() || c == ' ') => {
                    text.clone()
                }
                other => other.to_string(),
            };
            let _ = write!(line, " {}{value}", paint(2, &format!("{name}=")));
        }
        if self.trace.is_valid() {
            line.push_str(&paint(2, &format!(" trace_id={}", self.trace.trace_id())));
        }
        line.push('\n');
        line.into_bytes()
    }
}

/// How many bytes a usual line has, rounded up.
const LINE: usize = 1024;

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    severity_text: &'static str,
    severity_number: u8,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<Displayed<TraceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<Displayed<SpanId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_flags: Option<Displayed<Flags>>,
    target: &'a str,
    resource: &'a RawValue,
    attributes: &'a Attributes,
}

/// What is written as it is displayed, without a text of its own.
struct Displayed<T>(T);

impl<T: Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Two hexadecimal digits.
struct Flags(u8);

impl Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

/// The resource as it stands in each line, rendered once.
pub(super) fn resource(attributes: &[(String, String)]) -> Box<RawValue> {
    let attributes: Map<_, _> =
        attributes.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    to_raw_value(&attributes).unwrap_or_default()
}

/// Severities of OpenTelemetry's log data model.
fn severity(level: Level) -> (&'static str, u8, Severity) {
    match level {
        Level::TRACE => ("TRACE", 1, Severity::Trace),
        Level::DEBUG => ("DEBUG", 5, Severity::Debug),
        Level::INFO => ("INFO", 9, Severity::Info),
        Level::WARN => ("WARN", 13, Severity::Warn),
        Level::ERROR => ("ERROR", 17, Severity::Error),
    }
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

/// Terminal colours: red, yellow, green, blue, grey.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 90,
    }
}

/// Names and values, in the order in which they were given.
#[derive(Default)]
struct Attributes(Vec<(&'static str, Value)>);

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Takes an event's message and its other fields.
#[derive(Default)]
struct Fields {
    message: String,
    /// Where an event of the `log` façade comes from: its own target is always the same.
    log_target: Option<String>,
    attributes: Attributes,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        match (field.name(), value.into()) {
            ("message", Value::String(text)) => self.message = text,
            ("log.target", Value::String(target)) => self.log_target = Some(target),
            // What the log façade adds to say where its own events come from.
            (name, _) if name.starts_with("log.") => {}
            (name, value) => self.attributes.0.push((name, value)),
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

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Keeps each event as both kinds of line.
    struct Capture(std::sync::mpsc::Sender<(String, String)>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Capture {
        fn on_event(&self, event: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            let time: DateTime<Utc> = "2026-09-01T09:00:00.123456Z".parse().unwrap();
            let record = Record::new(event, time.into());
            let resource = resource(&[("service.name".to_owned(), "school".to_owned())]);
            let lines = [record.json(&resource), record.pretty(false)];
            let [json, pretty] = lines.map(|line| String::from_utf8(line).unwrap());
            self.0.send((json, pretty)).unwrap();
        }
    }

    #[test]
    fn a_line_has_the_names_of_the_log_data_model() {
        let (sender, lines) = std::sync::mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Capture(sender));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(target: "here", b = 1, a = "x\n\"y\"", c = ?Some(true), "It {}", "happened");
        });
        let (json, pretty) = lines.recv().unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"timestamp":"2026-09-01T09:00:00.123456Z","severity_text":"WARN","#,
                r#""severity_number":13,"body":"It happened","target":"here","#,
                r#""resource":{"service.name":"school"},"#,
                r#""attributes":{"b":1,"a":"x\n\"y\"","c":"Some(true)"}}"#,
                "\n"
            )
        );
        assert_eq!(pretty, "09:00:00.123  WARN It happened b=1 a=\"x\\n\\\"y\\\"\" c=Some(true)\n");
    }

    #[test]
    fn a_line_from_the_log_facade_has_its_own_target() {
        let (sender, lines) = std::sync::mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Capture(sender));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "log", { "log.target" = "library::part", "log.line" = 7 }, "Done");
        });
        let line: Value = serde_json::from_str(&lines.recv().unwrap().0).unwrap();
        assert_eq!(line["target"], "library::part");
        assert_eq!(line["attributes"], serde_json::json!({}));
    }
}
