//! Log lines on standard output: one JSON object each for machines, or coloured text for people.

use std::{fmt, io, time::SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use opentelemetry::trace::TraceContextExt as _;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::{InitError, Settings};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, with the field names of OpenTelemetry's log data model.
    Json,
    /// Text for people.
    Pretty,
}

/// A text that is not a log filter.
#[derive(Debug, thiserror::Error)]
#[error("is not a log filter, as in info or warn,my_service=debug")]
pub struct FilterError(#[from] tracing_subscriber::filter::ParseError);

/// Says whether [`crate::init`] would take this filter.
///
/// # Errors
///
/// It would not.
pub fn check_filter(filter: &str) -> Result<(), FilterError> {
    parse_filter(filter).map(drop)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, FilterError> {
    Ok(EnvFilter::builder().parse(filter)?)
}

/// The layer that writes log lines, off the threads that log.
pub(crate) fn layer<S>(
    settings: &Settings,
) -> Result<(Box<dyn Layer<S> + Send + Sync>, WorkerGuard), InitError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = parse_filter(&settings.log_filter)?;
    let (writer, guard) = tracing_appender::non_blocking(io::stdout());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match settings.log_format {
        LogFormat::Pretty => layer.with_filter(filter).boxed(),
        LogFormat::Json => {
            let format = JsonLine { service_name: settings.service_name.clone() };
            layer.event_format(format).with_filter(filter).boxed()
        }
    };
    Ok((layer, guard))
}

/// Writes an event as one JSON object.
struct JsonLine {
    service_name: String,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    severity_text: &'static str,
    severity_number: u8,
    body: String,
    #[serde(flatten)]
    trace: Option<TraceIds>,
    target: &'a str,
    resource: Map<String, Value>,
    attributes: Map<String, Value>,
}

#[derive(Serialize)]
struct TraceIds {
    trace_id: String,
    span_id: String,
    trace_flags: String,
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (severity_text, severity_number) = severity(*event.metadata().level());
        let line = Line {
            timestamp: now().to_rfc3339_opts(SecondsFormat::Micros, true),
            severity_text,
            severity_number,
            body: fields.message,
            trace: trace_ids(),
            target: event.metadata().target(),
            resource: Map::from_iter([("service.name".into(), self.service_name.clone().into())]),
            attributes: fields.attributes,
        };
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

#[expect(clippy::disallowed_methods, reason = "a line is stamped when it is written")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
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

fn trace_ids() -> Option<TraceIds> {
    let context = opentelemetry::Context::current();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| TraceIds {
        trace_id: span.trace_id().to_string(),
        span_id: span.span_id().to_string(),
        trace_flags: format!("{:02x}", span.trace_flags().to_u8()),
    })
}

/// An event's message and its other fields.
#[derive(Default)]
struct Fields {
    message: String,
    attributes: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => drop(self.attributes.insert(name.to_owned(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}").into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
