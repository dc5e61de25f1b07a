//! Converts `tracing` spans to OpenTelemetry spans, samples them and exports them.

mod console;
mod context;
mod queue;
mod relay;
mod sampler;
mod size;

use std::sync::Arc;

use opentelemetry::{
    Context,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, SpanProcessor as _},
};
use tracing::{Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{
    Layer, filter::filter_fn, layer::Context as LayerContext, registry::LookupSpan,
};

pub(crate) use self::context::set_propagator;
use self::{
    console::ConsoleExporter,
    queue::{Destination, SpanQueue},
    sampler::RequestSampler,
};
pub use self::{
    context::{
        continue_trace, current_trace_id, current_trace_id_bytes, is_sampled, record_exception,
        traceparent,
    },
    relay::{Relay, RelayedSpan, RelayedValue},
};
use crate::{
    environment::{Environment, Exporter, Sampler, Warning},
    export_queue::QueueBudget,
    logs::LineQueue,
    otlp,
};

/// The provider of spans, and the budget of its queue where spans are exported.
pub(crate) struct Traces {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) budget: Option<Arc<QueueBudget>>,
    /// The queue of spans that other programs measured.
    pub(crate) relay: Relay,
}

impl Traces {
    /// Makes the provider. If traces are not exported, its sampler drops all spans; requests still have a
    /// trace id for their log lines and answers.
    pub(crate) fn new(
        environment: &Environment,
        resource: Resource,
        relayed: Option<Resource>,
        trusts_callers: bool,
        console: &LineQueue,
        warnings: &mut Vec<Warning>,
    ) -> Self {
        let mut builder = SdkTracerProvider::builder().with_resource(resource);
        let Some((to, name)) = destination(environment, console, warnings) else {
            let sampler = RequestSampler::new(Sampler::ALWAYS_OFF, trusts_callers);
            let provider = builder.with_sampler(sampler).build();
            return Self { provider, budget: None, relay: Relay::default() };
        };
        let limits = environment.traces.batch;
        let compat = environment.semconv_compat;
        let budget = Arc::new(QueueBudget::new("traces", name, limits.queue_capacity));
        let queue = SpanQueue::new(to, Arc::clone(&budget), compat, limits);
        let sampler = RequestSampler::new(environment.sampler, trusts_callers);
        builder = builder.with_sampler(sampler.clone()).with_span_processor(queue);
        // A sampler that drops everything applies to relayed spans too.
        let relayed = relayed.filter(|_| environment.sampler.ratio > 0.0);
        let relay = relayed.and_then(|resource| {
            let (to, name) = destination(environment, console, warnings)?;
            // A budget of its own, so that relayed spans cannot crowd out the service's.
            let budget = Arc::new(QueueBudget::new("relayed", name, limits.queue_capacity));
            let mut queue = SpanQueue::new(to, budget, compat, limits);
            queue.set_resource(&resource);
            Some(Relay::new(queue, sampler))
        });
        let relay = relay.unwrap_or_default();
        Self { provider: builder.build(), budget: Some(budget), relay }
    }
}

/// The destination of spans, and its name in log lines.
fn destination(
    environment: &Environment,
    console: &LineQueue,
    warnings: &mut Vec<Warning>,
) -> Option<(Destination, String)> {
    match &environment.traces.exporter {
        Exporter::Disabled(_) => None,
        Exporter::Console => {
            let exporter = ConsoleExporter::new(console.clone());
            Some((Destination::Console(exporter), "console".to_owned()))
        }
        Exporter::Otlp(endpoint) => match otlp::span_exporter(endpoint) {
            Ok(exporter) => Some((Destination::Otlp(Box::new(exporter)), endpoint.to_string())),
            Err(_) => {
                warnings.push(otlp::unusable_endpoint("TRACES"));
                None
            }
        },
    }
}

/// The layer that converts spans. Events become log records instead, which carry the trace's id.
pub(crate) fn layer<S>(provider: Option<&SdkTracerProvider>) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = provider.map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(env!("CARGO_PKG_NAME")))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
    });
    let is_span = |metadata: &Metadata<'_>| metadata.is_span();
    layer.with_filter(filter_fn(is_span).with_max_level_hint(LevelFilter::INFO))
}

/// Disables spans that no trace needs, for every layer: those above level INFO, independently of the log
/// filter, and those below the first of a trace that is not sampled; without a provider none is. The
/// first is needed: its ids are in log lines, and it tells a request from a job that polls.
pub(crate) struct SpanGate;

fn may_enable(span: &Metadata<'_>) -> bool {
    *span.level() <= LevelFilter::INFO && !otlp::is_export_target(span.target())
}

impl<S: Subscriber> Layer<S> for SpanGate {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match metadata.is_span() {
            true if may_enable(metadata) => Interest::sometimes(),
            true => Interest::never(),
            false => Interest::always(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: LayerContext<'_, S>) -> bool {
        let is_first = || context.current_span().id().is_none();
        let is_sampled =
            || Context::map_current(|context| context.span().span_context().is_sampled());
        metadata.is_event() || may_enable(metadata) && (is_first() || is_sampled())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
}
