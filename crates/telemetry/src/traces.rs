//! Spans become OpenTelemetry spans, so that every request has a trace id.

use std::collections::HashMap;

use opentelemetry::{
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::LevelFilter, registry::LookupSpan};

use crate::Settings;

/// Turns spans of level INFO and above into OpenTelemetry spans, whatever the log filter says.
pub(crate) fn layer<S>(settings: &Settings) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let resource = Resource::builder().with_service_name(settings.service_name.clone()).build();
    let provider = SdkTracerProvider::builder().with_resource(resource).build();
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("student-registration"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(LevelFilter::INFO)
}

/// Makes `span` a child of the caller's span, where `traceparent` (W3C Trace Context) names one; a
/// malformed header is ignored.
pub fn continue_trace(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    let Some(traceparent) = traceparent else {
        return;
    };
    let mut headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    headers.extend(tracestate.map(|state| ("tracestate".to_owned(), state.to_owned())));
    let parent = TraceContextPropagator::new().extract(&headers);
    if parent.span().span_context().is_valid() {
        // Fails where the span is filtered out: then there is nothing to continue.
        let _ = span.set_parent(parent);
    }
}

/// The id of the trace that this code runs in, as 32 lower-case hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}
