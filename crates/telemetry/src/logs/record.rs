//! One event as a line: what it says, when, and in which trace.

use std::fmt::{self, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::Value;
use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

/// An event, its time and its trace.
pub(super) struct Record {
    time: DateTime<Utc>,
    metadata: &'static Metadata<'static>,
    trace: SpanContext,
    message: String,
    attributes: Attributes,
}

impl Record {
    pub(super) fn new(event: &Event<'_>, time: DateTime<Utc>) -> Self {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let context = opentelemetry::Context::current();
        let trace = context.span().span_context().clone();
        let Fields { message, attributes } = fields;
        Self { time, metadata: event.metadata(), trace, message, attributes }
    }

    /// The line for machines, with the field names of OpenTelemetry's log data model.
    pub(super) fn json(&self, service_name: &str) -> String {
        let (severity_text, severity_number) = severity(*self.metadata.level());
        let trace = self.trace.is_valid().then(|| TraceIds {
            trace_id: self.trace.trace_id().to_string(),
            span_id: self.trace.span_id().to_string(),
            trace_flags: format!("{:02x}", self.trace.trace_flags().to_u8()),
        });
        let line = Line {
            timestamp: self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            severity_text,
            severity_number,
            body: &self.message,
            trace,
            target: self.metadata.target(),
            resource: Resource { service_name },
            attributes: &self.attributes,
        };
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }

    /// The line for people.
    pub(super) fn pretty(&self, colours: bool) -> String {
        let paint = |code: u8, text: &str| match colours {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        };
        let level = *self.metadata.level();
        let time = self.time.format("%H:%M:%S%.3f").to_string();
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
        line
    }
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    severity_text: &'static str,
    severity_number: u8,
    body: &'a str,
    #[serde(flatten)]
    trace: Option<TraceIds>,
    target: &'a str,
    resource: Resource<'a>,
    attributes: &'a Attributes,
}

#[derive(Serialize)]
struct TraceIds {
    trace_id: String,
    span_id: String,
    trace_flags: String,
}

#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "service.name")]
    service_name: &'a str,
}

/// Severities of OpenTelemetry's log data model.
fn severity(level: Level) -> (&'static str, u8) {
    match level {
        Level::TRACE => ("TRACE", 1),
        Level::DEBUG => ("DEBUG", 5),
        Level::INFO => ("INFO", 9),
        Level::WARN => ("WARN", 13),
        Level::ERROR => ("ERROR", 17),
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
    attributes: Attributes,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        match (field.name(), value.into()) {
            ("message", Value::String(text)) => self.message = text,
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
            let record = Record::new(event, "2026-09-01T09:00:00.123456Z".parse().unwrap());
            self.0.send((record.json("school"), record.pretty(false))).unwrap();
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
}
