//! Exports spans that another program measured, such as a browser, under that program's service name.

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

use super::{queue::SpanQueue, sampler::RequestSampler};

/// The export queue for relayed spans, and the sampler that they are subject to. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Relay(Option<Arc<(SpanQueue, RequestSampler)>>);

/// A span that another program measured. The caller validates its values.
#[derive(Clone, Debug, PartialEq)]
pub struct RelayedSpan {
    /// The id of its trace; not zero.
    pub trace_id: u128,
    /// Its own id; not zero.
    pub span_id: u64,
    /// The id of its parent, or zero.
    pub parent_span_id: u64,
    /// Its name.
    pub name: &'static str,
    /// Whether its kind is CLIENT, for a request that the program sent; otherwise it is INTERNAL.
    pub is_client: bool,
    /// Its start.
    pub start: SystemTime,
    /// Its end.
    pub end: SystemTime,
    /// Its attributes.
    pub attributes: Vec<(&'static str, RelayedValue)>,
    /// Whether its status is error.
    pub failed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayedValue {
    /// A string.
    Text(String),
    /// An integer.
    Number(i64),
}

impl Relay {
    pub(super) fn new(queue: SpanQueue, sampler: RequestSampler) -> Self {
        Self(Some(Arc::new((queue, sampler))))
    }

    /// Exports the queued spans.
    pub(crate) fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.as_ref().map_or(Ok(()), |relay| relay.0.shutdown_with_timeout(timeout))
    }

    /// Queues a span of a sampled trace for export. Drops and counts it if the queue is full; does nothing
    /// if traces are not exported, or if the sampler leaves out the trace of a request with this id.
    pub fn export(&self, span: RelayedSpan) {
        let Some((queue, sampler)) = self.0.as_deref() else { return };
        if !sampler.samples_request_of(TraceId::from(span.trace_id)) {
            return;
        }
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
