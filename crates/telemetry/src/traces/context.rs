//! The current trace: continued from a request's header, read, and marked with exceptions.

use opentelemetry::{
    Context, KeyValue, global,
    propagation::Extractor,
    trace::{SpanContext, TraceContextExt as _},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Sets whether [`continue_trace`] has an effect.
pub(crate) fn set_propagator(continue_traces: bool) {
    if continue_traces {
        global::set_text_map_propagator(TraceContextPropagator::new());
    }
}

/// Whether a `traceparent` has the format of W3C Trace Context, which the SDK does not check: version,
/// trace id, span id and flags, in lower-case hexadecimal of these lengths. Versions after 00 may have
/// further parts.
fn is_well_formed(traceparent: &str) -> bool {
    let parts: Vec<_> = traceparent.split('-').collect();
    let hexadecimal = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_valid = parts.len() >= 4
        && [2, 32, 16, 2].iter().zip(&parts).all(|(n, part)| part.len() == *n && hexadecimal(part));
    is_valid && parts[0] != "ff" && (parts.len() == 4 || parts[0] != "00")
}

/// Makes `span` a child of the caller's span, which the header `traceparent` (W3C Trace Context) names.
/// Does nothing if the header is absent or malformed, or if `OTEL_PROPAGATORS` lacks `tracecontext`.
/// `tracestate` is ignored: any client could write anything into it.
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
        // Fails if the span is disabled: there is no trace to continue then.
        let _ = span.set_parent(parent);
    }
}

/// The id of the current trace, as 32 lower-case hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current_span().map(|span| span.trace_id().to_string())
}

/// The current span as a `traceparent` (W3C Trace Context), for example for a page's `<meta>` element.
#[must_use]
pub fn traceparent() -> Option<String> {
    let span = current_span()?;
    let flags = span.trace_flags().to_u8();
    Some(format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
}

/// Whether the trace of `span` is sampled.
#[must_use]
pub fn is_sampled(span: &Span) -> bool {
    span.context().span().span_context().is_sampled()
}

fn current_span() -> Option<SpanContext> {
    let span = Context::map_current(|context| context.span().span_context().clone());
    span.is_valid().then_some(span)
}

/// Records an exception as an event of the current span, by OpenTelemetry's semantic conventions. Call
/// it once for each exception, where it is handled.
pub fn record_exception(kind: &'static str, message: &str) {
    Context::map_current(|context| {
        let attributes = vec![
            KeyValue::new("exception.type", kind),
            KeyValue::new("exception.message", message.to_owned()),
        ];
        context.span().add_event("exception", attributes);
    });
}
