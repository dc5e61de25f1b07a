//! Everything that code says on one thread, in memory.

use std::{
    fmt,
    sync::{Arc, Mutex, Once},
    time::UNIX_EPOCH,
};

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use opentelemetry::{
    Value,
    trace::{SpanId, Status, TracerProvider as _},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::SubscriberExt as _};

use super::{Attributes, Event, Link, LogRecord, Span};

/// What was said.
pub struct Captured {
    /// Spans, in the order in which they ended.
    pub spans: Vec<Span>,
    /// Log records, in order.
    pub logs: Vec<LogRecord>,
    /// Every metric that was touched.
    pub metrics: Vec<MetricSample>,
}

/// A metric's value.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSample {
    /// Name and labels, as in `jobs_total{kind="a"}`.
    pub series: String,
    /// A counter's or a gauge's value; how many values a histogram has taken.
    pub value: f64,
}

/// Events are log records.
fn is_span(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.is_span()
}

/// Enables every span and event of this process, captured or not. Call it before the first test: a
/// callsite that another thread reaches first, while a capture begins, could be disabled for good.
pub fn enable_all_callsites() {
    static ALLOWED: Once = Once::new();
    ALLOWED.call_once(|| {
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    });
}

/// Does `work` and captures what it says on this thread.
#[must_use]
pub fn capture<T>(work: impl FnOnce() -> T) -> (T, Captured) {
    enable_all_callsites();
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("capture"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(tracing_subscriber::filter::filter_fn(is_span));
    let logs = Logs::default();
    let subscriber = tracing_subscriber::registry().with(spans).with(logs.clone());
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();

    let answer = metrics::with_local_recorder(&recorder, || {
        tracing::subscriber::with_default(subscriber, work)
    });

    let spans = exporter.get_finished_spans().unwrap();
    let samples = snapshotter.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
        let (_, key) = key.into_parts();
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={:?}", label.key(), label.value())).collect();
        let value = match value {
            DebugValue::Counter(count) => count as f64,
            DebugValue::Gauge(value) => value.into_inner(),
            DebugValue::Histogram(values) => values.len() as f64,
        };
        MetricSample { series: format!("{}{{{}}}", key.name(), labels.join(",")), value }
    });
    let captured = Captured {
        spans: spans.into_iter().map(span).collect(),
        metrics: samples.collect(),
        logs: std::mem::take(&mut *logs.0.lock().unwrap()),
    };
    (answer, captured)
}

impl Captured {
    /// The value of a series, as in `jobs_total{kind="a"}`.
    #[must_use]
    pub fn metric(&self, series: &str) -> Option<f64> {
        self.metrics.iter().find(|sample| sample.series == series).map(|sample| sample.value)
    }
}

fn span(data: SpanData) -> Span {
    let no_parent = data.parent_span_id == SpanId::INVALID;
    Span {
        trace_id: data.span_context.trace_id().to_string(),
        span_id: data.span_context.span_id().to_string(),
        parent_id: if no_parent { String::new() } else { data.parent_span_id.to_string() },
        name: data.name.into_owned(),
        kind: format!("{:?}", data.span_kind).to_lowercase(),
        start_time_ns: u64::try_from(
            data.start_time.duration_since(UNIX_EPOCH).unwrap().as_nanos(),
        )
        .unwrap(),
        failed: matches!(data.status, Status::Error { .. }),
        attributes: attributes(data.attributes),
        events: data
            .events
            .events
            .into_iter()
            .map(|event| Event {
                name: event.name.into_owned(),
                attributes: attributes(event.attributes),
            })
            .collect(),
        links: data
            .links
            .links
            .into_iter()
            .map(|link| Link {
                trace_id: link.span_context.trace_id().to_string(),
                span_id: link.span_context.span_id().to_string(),
            })
            .collect(),
        resource: Attributes::new(),
    }
}

fn attributes(attributes: Vec<opentelemetry::KeyValue>) -> Attributes {
    let value = |value: Value| match value {
        Value::Bool(value) => value.into(),
        Value::I64(value) => value.into(),
        Value::F64(value) => value.into(),
        other => other.to_string().into(),
    };
    attributes.into_iter().map(|pair| (pair.key.to_string(), value(pair.value))).collect()
}

/// Keeps each event.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<LogRecord>>>);

impl<S: tracing::Subscriber> Layer<S> for Logs {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        use opentelemetry::trace::TraceContextExt as _;

        let mut fields = Fields::default();
        event.record(&mut fields);
        let context = opentelemetry::Context::current();
        let span = context.span();
        let span = span.span_context();
        let id = |id: String| if span.is_valid() { id } else { String::new() };
        self.0.lock().unwrap().push(LogRecord {
            body: fields.message,
            severity: event.metadata().level().to_string(),
            trace_id: id(span.trace_id().to_string()),
            span_id: id(span.span_id().to_string()),
            target: event.metadata().target().to_owned(),
            attributes: fields.attributes,
            resource: Attributes::new(),
        });
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    attributes: Attributes,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            name => drop(self.attributes.insert(name.to_owned(), value.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_signals_of_this_thread_are_captured() {
        let ((), captured) = capture(|| {
            let _outer = tracing::info_span!("outer", number = 7_i64).entered();
            metrics::counter!("jobs_total", "kind" => "a").increment(2);
            tracing::warn!(reason = "x", "It {}", "happened");
            tracing::info_span!("inner", otel.status_code = "ERROR").in_scope(|| {});
        });
        assert_eq!(
            super::super::trace_outline(&captured.spans),
            "outer internal {number}\n  inner internal ERROR {}\n"
        );
        assert_eq!(captured.spans[1].attributes["number"], 7);
        let log = &captured.logs[0];
        assert_eq!((log.body.as_str(), log.severity.as_str()), ("It happened", "WARN"));
        assert_eq!(log.attributes["reason"], "x");
        assert_eq!(log.span_id, captured.spans[1].span_id);
        assert_eq!(captured.metric("jobs_total{kind=\"a\"}"), Some(2.0));
    }
}
