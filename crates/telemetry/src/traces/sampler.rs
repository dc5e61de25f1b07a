//! Which requests are sampled: the sampler that `OTEL_TRACES_SAMPLER` names, and whether a caller may
//! have its request sampled beyond that.

use opentelemetry::{
    Context, KeyValue,
    trace::{
        Link, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    },
};
use opentelemetry_sdk::trace::{
    Sampler as SdkSampler, SamplingDecision, SamplingResult, ShouldSample,
};

use crate::environment::Sampler;

/// Samples traces where the service's part of them begins; what is below follows.
///
/// Any client can set the sampled flag of a `traceparent`. Unless callers are trusted, a parent-based
/// sampler decides about a trace with that flag as about a trace of the service's own. A ratio depends
/// on the trace id alone, so the requests of a page are sampled where the page was. A caller that left
/// its trace out is followed in any case.
#[derive(Clone, Debug)]
pub(super) struct RequestSampler {
    root: SdkSampler,
    /// Root and descendants, by OpenTelemetry's specification.
    specified: SdkSampler,
    trusts_callers: bool,
}

impl RequestSampler {
    pub(super) fn new(sampler: Sampler, trusts_callers: bool) -> Self {
        let root = match sampler.ratio {
            ratio if ratio >= 1.0 => SdkSampler::AlwaysOn,
            ratio if ratio <= 0.0 => SdkSampler::AlwaysOff,
            ratio => SdkSampler::TraceIdRatioBased(ratio),
        };
        let specified = match sampler.parent_based {
            true => SdkSampler::ParentBased(Box::new(root.clone())),
            false => root.clone(),
        };
        Self { root, specified, trusts_callers }
    }

    /// Whether a request of a caller that samples this trace is sampled.
    pub(super) fn samples_request_of(&self, trace_id: TraceId) -> bool {
        let caller = SpanContext::new(
            trace_id,
            SpanId::from(1),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        );
        let caller = Context::new().with_remote_span_context(caller);
        let result = self.should_sample(Some(&caller), trace_id, "", &SpanKind::Server, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }
}

impl ShouldSample for RequestSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let claims_sampling = parent.is_some_and(|parent| {
            let span = parent.span();
            span.span_context().is_remote() && span.span_context().is_sampled()
        });
        let sampler =
            if claims_sampling && !self.trusts_callers { &self.root } else { &self.specified };
        sampler.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(ratio: f64, parent_based: bool, trusts: bool, flags: TraceFlags, id: u128) -> bool {
        let sampler = RequestSampler::new(Sampler { parent_based, ratio }, trusts);
        let id = TraceId::from(id);
        let caller = SpanContext::new(id, SpanId::from(1), flags, true, TraceState::NONE);
        let caller = Context::new().with_remote_span_context(caller);
        let result = sampler.should_sample(Some(&caller), id, "", &SpanKind::Server, &[], &[]);
        assert!(
            flags == TraceFlags::NOT_SAMPLED
                || sampler.samples_request_of(id)
                    == (result.decision == SamplingDecision::RecordAndSample)
        );
        result.decision == SamplingDecision::RecordAndSample
    }

    const ON: TraceFlags = TraceFlags::SAMPLED;
    const OFF: TraceFlags = TraceFlags::NOT_SAMPLED;
    /// The ratio looks at an id's lower half: this one is in each share, the other in none but all.
    const LOW: u128 = 1;
    const HIGH: u128 = u64::MAX as u128;

    #[test]
    fn a_caller_samples_nothing_beyond_the_sampler_unless_it_is_trusted() {
        for (ratio, untrusted) in [(1.0, [true, true]), (0.0, [false, false]), (0.5, [true, false])]
        {
            let sampled = |trusts| [LOW, HIGH].map(|id| samples(ratio, true, trusts, ON, id));
            assert_eq!(sampled(false), untrusted, "{ratio}");
            assert_eq!(sampled(true), [true, true], "{ratio}");
        }
    }

    #[test]
    fn a_caller_leaves_its_trace_out_of_a_parent_based_sampler_alone() {
        for trusts in [false, true] {
            assert!(!samples(1.0, true, trusts, OFF, LOW));
            assert!(samples(1.0, false, trusts, OFF, LOW));
            assert!(!samples(0.0, false, trusts, ON, LOW));
        }
    }
}
