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

/// A `traceparent` as version 00 of W3C Trace Context, or `None` where it is malformed: version, trace
/// id, span id and flags, in lower-case hexadecimal of these lengths. Versions after 00 may have further
/// parts. Only the flag for sampling is kept: the SDK refuses those that version 00 leaves open, which
/// the specification tells to ignore.
fn normalised(traceparent: &str) -> Option<String> {
    let parts: Vec<_> = traceparent.split('-').collect();
    let hexadecimal = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_valid = parts.len() >= 4
        && [2, 32, 16, 2].iter().zip(&parts).all(|(n, part)| part.len() == *n && hexadecimal(part));
    let is_known = is_valid && parts[0] != "ff" && (parts.len() == 4 || parts[0] != "00");
    let flags = u8::from_str_radix(parts.get(3).filter(|_| is_known)?, 16).ok()?;
    Some(format!("00-{}-{}-{:02x}", parts[1], parts[2], flags & 1))
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
    let Some(traceparent) = traceparent.and_then(normalised) else { return };
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &Headers(&traceparent))
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

/// The id of the current trace.
#[must_use]
pub fn current_trace_id_bytes() -> Option<[u8; 16]> {
    current_span().map(|span| span.trace_id().to_bytes())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_and_unknown_flags_are_read_as_version_00() {
        let ids = "12345678901234567890123456789012-1234567890123456";
        for (given, flags) in [
            ("00-IDS-01", Some("01")),
            ("00-IDS-00", Some("00")),
            ("00-IDS-ff", Some("01")),
            ("00-IDS-02", Some("00")),
            ("cc-IDS-01", Some("01")),
            ("cc-IDS-01-what-the-future-will-be-like", Some("01")),
            ("cc-IDS-01.what-the-future-will-be-like", None),
            ("00-IDS-01-more", None),
            ("ff-IDS-01", None),
            ("00-IDS-001", None),
            (".0-IDS-01", None),
            ("00-IDS", None),
            ("", None),
        ] {
            let read = flags.map(|flags| format!("00-{ids}-{flags}"));
            assert_eq!(normalised(&given.replace("IDS", ids)), read, "{given}");
        }
    }
}
