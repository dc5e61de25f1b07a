//! What every service of this process has emitted, for a comparison with the registries.
//!
//! [`Service`](crate::Service) and [`OtlpReceiver`](super::OtlpReceiver) record it. Values are left
//! out, apart from those of labels, so that a thousand requests take no more room than one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{LogRecord, Span};

static EMITTED: Mutex<Emitted> =
    Mutex::new(Emitted { logs: BTreeSet::new(), spans: BTreeSet::new(), samples: BTreeSet::new() });

/// What was emitted, each kind once.
pub struct Emitted {
    /// Log lines and exported log records, from `INFO` up.
    pub logs: BTreeSet<EmittedLog>,
    /// Spans.
    pub spans: BTreeSet<EmittedSpan>,
    /// Series of metrics.
    pub samples: BTreeSet<EmittedSample>,
}

/// A log line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmittedLog {
    /// Its message.
    pub body: String,
    /// `INFO`, `WARN` or `ERROR`.
    pub severity: String,
    /// The names of its attributes.
    pub attributes: BTreeSet<String>,
}

/// A span.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmittedSpan {
    /// Its name, with attributes in braces as placeholders.
    pub name: String,
    /// `server`, `internal` or `client`.
    pub kind: String,
    /// The names of its attributes.
    pub attributes: BTreeSet<String>,
    /// The names of its events.
    pub events: BTreeSet<String>,
}

/// A series of a metric.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmittedSample {
    /// The metric's name.
    pub name: String,
    /// Its Prometheus type.
    pub kind: String,
    /// Its labels, in order, without a histogram's `le`.
    pub labels: Vec<(String, String)>,
    /// Whether its value was other than zero.
    pub nonzero: bool,
}

/// What was emitted so far.
pub fn emitted() -> MutexGuard<'static, Emitted> {
    EMITTED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Emitted {
    /// Records a line of standard output, where it is a log line.
    pub(crate) fn record_line(&mut self, line: &str) {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let (body, severity) = (line["body"].as_str(), line["severity_text"].as_str());
        if let (Some(body), Some(severity)) = (body, severity) {
            let attributes = line["attributes"].as_object().into_iter().flat_map(|map| map.keys());
            self.record_log(body, severity, attributes);
        }
    }

    pub(super) fn record_logs(&mut self, logs: &[LogRecord]) {
        for log in logs {
            self.record_log(&log.body, &log.severity, log.attributes.keys());
        }
    }

    fn record_log<'a>(
        &mut self,
        body: &str,
        severity: &str,
        attributes: impl Iterator<Item = &'a String>,
    ) {
        if ["INFO", "WARN", "ERROR"].contains(&severity) {
            let (body, severity) = (body.to_owned(), severity.to_owned());
            self.logs.insert(EmittedLog {
                body,
                severity,
                attributes: attributes.cloned().collect(),
            });
        }
    }

    pub(super) fn record_spans(&mut self, spans: &[Span]) {
        self.spans.extend(spans.iter().map(|span| EmittedSpan {
            name: template(span).to_owned(),
            kind: span.kind.clone(),
            attributes: span.attributes.keys().cloned().collect(),
            events: span.events.iter().map(|event| event.name.clone()).collect(),
        }));
    }

    /// Records an answer of `/metrics`.
    pub fn record_scrape(&mut self, scrape: &str) {
        let kinds = scrape.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let kinds: BTreeMap<_, _> = kinds.filter_map(|line| line.split_once(' ')).collect();
        let series = scrape.lines().filter(|line| !line.starts_with('#'));
        for (series, value) in series.filter_map(|line| line.rsplit_once(' ')) {
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let histogram = ["_bucket", "_sum", "_count"]
                .iter()
                .filter_map(|suffix| name.strip_suffix(suffix))
                .find(|name| kinds.get(name) == Some(&"histogram"));
            let name = histogram.unwrap_or(name);
            let labels = labels.trim_end_matches('}').split("\",");
            let labels = labels.filter_map(|label| label.split_once("=\""));
            self.samples.insert(EmittedSample {
                name: name.to_owned(),
                kind: (*kinds.get(name).unwrap_or(&"untyped")).to_owned(),
                labels: labels
                    .filter(|(name, _)| *name != "le")
                    .map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned()))
                    .collect(),
                nonzero: value != "0",
            });
        }
    }
}

/// A span's name, with the attributes that it is made of in braces.
fn template(span: &Span) -> &str {
    let attribute = |name: &str| span.attributes.get(name).and_then(Value::as_str);
    let method = attribute("http.request.method");
    match (span.kind.as_str(), method, attribute("http.route")) {
        ("server", Some("_OTHER"), None) if span.name == "HTTP" => "HTTP",
        ("server", Some("_OTHER"), Some(route)) if span.name == format!("HTTP {route}") => "HTTP",
        ("server", Some(method), Some(route)) if span.name == format!("{method} {route}") => {
            "{http.request.method} {http.route}"
        }
        ("server", Some(method), None) if span.name == method => "{http.request.method}",
        ("client", ..) if attribute("db.query.summary") == Some(&span.name) => "{db.query.summary}",
        _ => &span.name,
    }
}
