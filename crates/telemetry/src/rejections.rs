//! Counts what a receiver rejected of a request that it took (OTLP's partial success). The
//! exporters mention it in an event of their own, and nowhere else.

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, filter::filter_fn, layer::Context, registry::LookupSpan};

use crate::accounts;

/// More than a batch ever holds.
const MOST: u64 = 100_000;

/// The layer that counts.
pub(crate) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let rejects = |metadata: &Metadata<'_>| {
        metadata.is_event()
            && metadata.target().starts_with("opentelemetry")
            && metadata.name().ends_with("PartialSuccess")
    };
    Rejections.with_filter(filter_fn(rejects))
}

struct Rejections;

impl<S: Subscriber> Layer<S> for Rejections {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Count);
    }
}

struct Count;

impl Visit for Count {
    fn record_i64(&mut self, field: &Field, value: i64) {
        let signal = match field.name() {
            "rejected_spans" => "traces",
            "rejected_log_records" => "logs",
            _ => return,
        };
        // What a receiver claims is not to be trusted: at most a batch.
        let rejected = u64::try_from(value).unwrap_or(0).min(MOST);
        accounts::dropped(signal).increment(rejected);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
