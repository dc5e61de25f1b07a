//! Spans that somebody else has measured, such as a browser, and that are exported under their name.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor as _},
};

use super::queue::Queue;

/// Exports spans of somebody else's. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Relay(Option<Arc<Queue>>);

/// A span of somebody else's. Whoever hands it in answers for what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct RelayedSpan {
    /// Its trace; not zero.
    pub trace_id: u128,
    /// Its own id; not zero.
    pub span_id: u64,
    /// The id of the span above it, or zero.
    pub parent_span_id: u64,
    /// Its name.
    pub name: &'static str,
    /// Whether it is a request that its maker has sent, rather than something that went on there.
    pub is_client: bool,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// What it says.
    pub attributes: Vec<(&'static str, RelayedValue)>,
    /// Whether it has failed.
    pub failed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayedValue {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

impl Relay {
    pub(super) fn new(queue: Queue) -> Self {
        Self(Some(Arc::new(queue)))
    }

    /// Sends what is still queued.
    pub(crate) fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.as_ref().map_or(Ok(()), |queue| queue.shutdown_with_timeout(timeout))
    }

    /// Takes a span on its way to the exporter; it is lost, and counted, where the queue is full.
    /// Does nothing where traces are not exported.
    pub fn export(&self, span: RelayedSpan) {
        let Some(queue) = &self.0 else { return };
        let value = |value| match value {
            RelayedValue::Text(text) => opentelemetry::Value::from(text),
            RelayedValue::Number(number) => number.into(),
        };
        let attributes = span.attributes.into_iter();
        queue.on_end(SpanData {
            span_context: SpanContext::new(
                TraceId::from(span.trace_id),
                SpanId::from(span.span_id),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: SpanId::from(span.parent_span_id),
            parent_span_is_remote: false,
            span_kind: if span.is_client { SpanKind::Client } else { SpanKind::Internal },
            name: span.name.into(),
            start_time: span.start,
            end_time: span.end,
            attributes: attributes.map(|(key, v)| KeyValue::new(key, value(v))).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: if span.failed { Status::error("") } else { Status::Unset },
            instrumentation_scope: InstrumentationScope::builder("relay").build(),
        });
    }
}
