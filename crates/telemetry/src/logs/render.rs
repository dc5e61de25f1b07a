//! A log record as a line on standard output.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use tracing::Level;

use super::record::{Record, severity};

/// The capacity that most JSON lines fit into, in bytes.
const LINE_CAPACITY: usize = 1024;

/// The line for programs: JSON with the field names of OpenTelemetry's log data model.
pub(super) fn json(record: &Record, resource: &RawValue) -> Vec<u8> {
    let (severity_text, severity) = severity(record.level);
    let is_traced = record.span.is_valid();
    let line = JsonLine {
        timestamp: DateTime::<Utc>::from(record.time).to_rfc3339_opts(SecondsFormat::Micros, true),
        severity_text,
        severity_number: severity as u8,
        body: &record.message,
        trace_id: is_traced.then(|| Hex(record.span.trace_id().to_bytes())),
        span_id: is_traced.then(|| Hex(record.span.span_id().to_bytes())),
        trace_flags: is_traced.then(|| Hex([record.span.trace_flags().to_u8()])),
        target: &record.target,
        resource,
        attributes: Attributes(&record.attributes),
    };
    let mut text = Vec::with_capacity(LINE_CAPACITY);
    let _ = serde_json::to_writer(&mut text, &line);
    text.push(b'\n');
    text
}

#[derive(Serialize)]
struct JsonLine<'a> {
    timestamp: String,
    severity_text: &'static str,
    severity_number: u8,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<Hex<16>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<Hex<8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_flags: Option<Hex<1>>,
    target: &'a str,
    resource: &'a RawValue,
    attributes: Attributes<'a>,
}

/// Serializes as hexadecimal digits, without the formatter, which takes a fifth of the time of a line.
struct Hex<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Serialize for Hex<BYTES> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.map(|byte| [byte >> 4, byte & 15].map(|d| DIGITS[usize::from(d)]));
        serializer.serialize_str(str::from_utf8(digits.as_flattened()).unwrap_or_default())
    }
}

/// Serializes as a map in the given order.
struct Attributes<'a>(&'a [(&'static str, Value)]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The resource's attributes as a JSON object, rendered once for all lines.
pub(super) fn resource(attributes: &[(String, String)]) -> Box<RawValue> {
    let attributes: Map<_, _> =
        attributes.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    to_raw_value(&attributes).unwrap_or_default()
}

/// The line for people: time, level, message, attributes, trace id.
pub(super) fn pretty(record: &Record, colours: bool) -> Vec<u8> {
    let paint = |code: u8, text: &str| match colours {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    let time = DateTime::<Utc>::from(record.time).format("%H:%M:%S%.3f").to_string();
    let level = paint(colour(record.level), &format!("{:>5}", record.level.as_str()));
    let mut line = format!("{} {level} {}", paint(2, &time), record.message);
    for (name, value) in &record.attributes {
        let value = match value {
            // Quoted where it could break the line or look like another attribute.
            Value::String(text) if !text.contains(|c: char| c.is_control() || c == ' ') => {
                text.clone()
            }
            other => other.to_string(),
        };
        let _ = write!(line, " {}{value}", paint(2, &format!("{name}=")));
    }
    if record.span.is_valid() {
        line.push_str(&paint(2, &format!(" trace_id={}", record.span.trace_id())));
    }
    line.push('\n');
    line.into_bytes()
}

/// The foreground colour of a level on a terminal: red, yellow, green, blue or grey.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 90,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Sender};

    use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
    use tracing::{Event, Subscriber};
    use tracing_subscriber::{
        Layer,
        layer::{Context, SubscriberExt as _},
    };

    use super::*;
    use crate::shorten::MAX_TEXT_BYTES;

    /// Sends each event as both kinds of line.
    struct Capture(Sender<(String, String)>);

    impl<S: Subscriber> Layer<S> for Capture {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let time: DateTime<Utc> = "2026-09-01T09:00:00.123456Z".parse().unwrap();
            let record = Record::new(event, time.into());
            let resource = resource(&[("service.name".to_owned(), "school".to_owned())]);
            let lines = [json(&record, &resource), pretty(&record, false)];
            let [json, pretty] = lines.map(|line| String::from_utf8(line).unwrap());
            self.0.send((json, pretty)).unwrap();
        }
    }

    #[test]
    fn a_line_has_the_names_of_the_log_data_model() {
        let (sender, lines) = mpsc::channel();
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
    fn every_text_of_a_line_is_shortened() {
        let (sender, lines) = mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Capture(sender));
        let long = "é".repeat(50_000);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(text = long, debug = ?long, "log.target" = long, "{long}");
        });
        let line: Value = serde_json::from_str(&lines.recv().unwrap().0).unwrap();
        let attributes = &line["attributes"];
        for text in [&attributes["text"], &attributes["debug"], &line["target"], &line["body"]] {
            let text = text.as_str().unwrap();
            assert!((MAX_TEXT_BYTES - 3..=MAX_TEXT_BYTES).contains(&text.len()), "{}", text.len());
            assert!(text.ends_with("é…"));
        }
    }

    #[test]
    fn a_line_from_the_log_facade_has_its_own_target() {
        let (sender, lines) = mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Capture(sender));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "log", { "log.target" = "library::part", "log.line" = 7 }, "Done");
        });
        let line: Value = serde_json::from_str(&lines.recv().unwrap().0).unwrap();
        assert_eq!(line["target"], "library::part");
        assert_eq!(line["attributes"], serde_json::json!({}));
    }

    #[test]
    fn ids_keep_their_leading_zeros() {
        let (trace_id, span_id) = (TraceId::from(10).to_bytes(), SpanId::from(0xab).to_bytes());
        let flags = TraceFlags::SAMPLED.to_u8();
        let json = serde_json::to_value((Hex(trace_id), Hex(span_id), Hex([flags])));
        let digits = ["0000000000000000000000000000000a", "00000000000000ab", "01"];
        assert_eq!(json.unwrap(), serde_json::json!(digits));
    }
}
