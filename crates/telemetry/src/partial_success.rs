//! Counts items that a collector rejected in a request that it accepted (OTLP's partial success). The
//! SDK's exporters report the number only in an event of their own, which this layer reads.

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
    layer::Context,
    registry::LookupSpan,
};

use crate::export_queue;

/// The largest possible batch. Limits what an untrusted collector can add to the counter.
const MAX_REJECTED: u64 = 100_000;

/// The layer that counts rejected items.
pub(crate) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_partial_success = |metadata: &Metadata<'_>| {
        metadata.is_event()
            && metadata.target().starts_with("opentelemetry")
            && metadata.name().ends_with("PartialSuccess")
    };
    let filter = filter_fn(is_partial_success).with_max_level_hint(LevelFilter::WARN);
    PartialSuccess.with_filter(filter)
}

struct PartialSuccess;

impl<S: Subscriber> Layer<S> for PartialSuccess {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut CountRejected);
    }
}

struct CountRejected;

impl Visit for CountRejected {
    fn record_i64(&mut self, field: &Field, value: i64) {
        let signal = match field.name() {
            "rejected_spans" => "traces",
            "rejected_log_records" => "logs",
            _ => return,
        };
        let rejected = u64::try_from(value).unwrap_or(0).min(MAX_REJECTED);
        export_queue::dropped(signal).increment(rejected);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
