//! Spans become OpenTelemetry spans: sampled, batched and exported, with the caller's span as their
//! parent where there is one.

mod console;
mod queue;
mod relay;

use std::sync::Arc;

use opentelemetry::{
    Context, KeyValue, global,
    propagation::Extractor,
    trace::{SpanContext, TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler as SdkSampler, SdkTracerProvider, SpanProcessor as _},
};
use tracing::{Metadata, Span, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_appender::non_blocking::NonBlocking;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    Layer,
    layer::{Context as LayerContext, Filter},
    registry::LookupSpan,
};

pub use self::relay::{Relay, RelayedSpan, RelayedValue};
use self::{
    console::Console,
    queue::{Destination, Queue},
};
use crate::{
    Warning,
    accounts::Account,
    environment::{Environment, Exporter, Sampler},
    otlp,
};

/// Spans of our own and, where they are exported, what exporting them takes.
pub(crate) struct Traces {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) account: Option<Arc<Account>>,
    /// Where spans of somebody else's go.
    pub(crate) relay: Relay,
}

impl Traces {
    /// Makes the provider. Where traces are not exported, every request still has a trace id, for
    /// its log lines and its answer, and costs little more.
    pub(crate) fn new(
        environment: &Environment,
        resource: Resource,
        relayed: Option<Resource>,
        console: &NonBlocking,
        warnings: &mut Vec<Warning>,
    ) -> Self {
        let mut builder = SdkTracerProvider::builder().with_resource(resource);
        let Some((to, name)) = destination(environment, console, warnings) else {
            let provider = builder.with_sampler(sampler(Sampler::NOTHING)).build();
            return Self { provider, account: None, relay: Relay::default() };
        };
        let limits = environment.traces.batch;
        let account = Arc::new(Account::new("traces", name, limits.queue));
        let queue = Queue::new(to, Arc::clone(&account), environment.legacy, limits);
        builder = builder.with_sampler(sampler(environment.sampler)).with_span_processor(queue);
        // Whoever samples nothing wants nothing of others either.
        let relayed = relayed.filter(|_| environment.sampler.ratio > 0.0);
        let relay = relayed.and_then(|resource| {
            let (to, name) = destination(environment, console, warnings)?;
            // An account of its own: what others send must not push out what we have to say.
            let account = Arc::new(Account::new("relayed", name, limits.queue));
            let mut queue = Queue::new(to, account, environment.legacy, limits);
            queue.set_resource(&resource);
            Some(Relay::new(queue))
        });
        let relay = relay.unwrap_or_default();
        Self { provider: builder.build(), account: Some(account), relay }
    }
}

/// Where spans go, and what to call it.
fn destination(
    environment: &Environment,
    console: &NonBlocking,
    warnings: &mut Vec<Warning>,
) -> Option<(Destination, String)> {
    match &environment.traces.exporter {
        Exporter::None(_) => None,
        Exporter::Console => {
            Some((Destination::Console(Console::new(console.clone())), "console".to_owned()))
        }
        Exporter::Otlp(receiver) => match otlp::span_exporter(receiver) {
            Ok(built) => Some((Destination::Otlp(Box::new(built)), receiver.to_string())),
            Err(_) => {
                warnings.push(otlp::not_exported("TRACES"));
                None
            }
        },
    }
}

fn sampler(sampler: Sampler) -> SdkSampler {
    let root = match sampler.ratio {
        ratio if ratio >= 1.0 => SdkSampler::AlwaysOn,
        ratio if ratio <= 0.0 => SdkSampler::AlwaysOff,
        ratio => SdkSampler::TraceIdRatioBased(ratio),
    };
    match sampler.parent_based {
        true => SdkSampler::ParentBased(Box::new(root)),
        false => root,
    }
}

impl Sampler {
    const NOTHING: Self = Self { parent_based: false, ratio: 0.0 };
}

/// Turns spans of level INFO and above into OpenTelemetry spans, whatever the log filter says.
/// Events stay log lines: they find their trace by its id.
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
    layer.with_filter(Wanted { at_all: provider.is_some() })
}

/// Which spans are made: the first of each trace, from which log lines have their ids, and those below
/// it where the trace is kept.
struct Wanted {
    at_all: bool,
}

impl Wanted {
    fn traces(&self, metadata: &Metadata<'_>) -> bool {
        self.at_all
            && metadata.is_span()
            && *metadata.level() <= LevelFilter::INFO
            && !otlp::is_exporting(metadata.target())
    }
}

impl<S: Subscriber> Filter<S> for Wanted {
    fn enabled(&self, metadata: &Metadata<'_>, context: &LayerContext<'_, S>) -> bool {
        // Below a span that was not made there is no OpenTelemetry context either, on whatever thread.
        let is_first = || context.current_span().id().is_none();
        let is_kept = || Context::map_current(|context| context.span().span_context().is_sampled());
        self.traces(metadata) && (is_first() || is_kept())
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.traces(metadata) { Interest::sometimes() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if self.at_all { LevelFilter::INFO } else { LevelFilter::OFF })
    }
}

/// Decides whether [`continue_trace`] does.
pub(crate) fn set_propagator(continue_traces: bool) {
    if continue_traces {
        global::set_text_map_propagator(TraceContextPropagator::new());
    }
}

/// Whether a `traceparent` has the shape that W3C Trace Context gives it, which the SDK does not
/// check: version, trace, span and flags in lower-case hexadecimal, of these lengths. A version to
/// come may add parts.
fn is_well_formed(traceparent: &str) -> bool {
    let parts: Vec<_> = traceparent.split('-').collect();
    let hexadecimal = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let known = parts.len() >= 4
        && [2, 32, 16, 2].iter().zip(&parts).all(|(n, part)| part.len() == *n && hexadecimal(part));
    known && parts[0] != "ff" && (parts.len() == 4 || parts[0] != "00")
}

/// Makes `span` a child of the caller's span, where `traceparent` (W3C Trace Context) names one,
/// unless `OTEL_PROPAGATORS` says otherwise; a malformed header is ignored. `tracestate`, into which
/// anybody could write anything, is not taken in.
pub fn continue_trace(span: &Span, traceparent: Option<&str>) {
    struct Headers<'a>(&'a str);
    impl Extractor for Headers<'_> {
        fn get(&self, name: &str) -> Option<&str> {
            (name == "traceparent").then_some(self.0)
        }
        fn keys(&self) -> Vec<&str> {
            vec!["traceparent"]
        }
    }
    let Some(traceparent) = traceparent.filter(|header| is_well_formed(header)) else { return };
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &Headers(traceparent))
    });
    if parent.span().span_context().is_valid() {
        // Fails where the span is filtered out: then there is nothing to continue.
        let _ = span.set_parent(parent);
    }
}

/// The id of the trace that this code runs in, as 32 lower-case hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current_span().map(|span| span.trace_id().to_string())
}

/// The current span as a `traceparent` (W3C Trace Context): whom a page that is made now may name
/// as its parent.
#[must_use]
pub fn traceparent() -> Option<String> {
    let span = current_span()?;
    let flags = span.trace_flags().to_u8();
    Some(format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
}

/// Whether `span` is part of a trace that is kept.
#[must_use]
pub fn is_sampled(span: &Span) -> bool {
    span.context().span().span_context().is_sampled()
}

fn current_span() -> Option<SpanContext> {
    let span = Context::map_current(|context| context.span().span_context().clone());
    span.is_valid().then_some(span)
}

/// Records an exception on the current span, as OpenTelemetry's conventions have it. To be called
/// once, where the exception is handled.
pub fn record_exception(kind: &'static str, message: &str) {
    Context::map_current(|context| {
        let attributes = vec![
            KeyValue::new("exception.type", kind),
            KeyValue::new("exception.message", message.to_owned()),
        ];
        context.span().add_event("exception", attributes);
    });
}
