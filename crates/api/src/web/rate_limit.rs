//! Rate limits over HTTP: the 429 problem and the `RateLimit` header fields
//! (draft-ietf-httpapi-ratelimit-headers-11).

use std::fmt::Write as _;

use actix_web::{HttpMessage as _, HttpRequest, http::StatusCode};
use registration_application::rate_limit::{Quota, QuotaState};

use super::problem::Problem;
use crate::i18n::ProblemMessages;

/// A text of [`ProblemMessages`] that says what there was too much of.
type Reason = fn(&ProblemMessages) -> &'static str;

/// Notes a quota for the response's header fields; a problem where it is exceeded.
pub(crate) fn check(
    request: &HttpRequest,
    state: Option<QuotaState>,
    reason: Reason,
) -> Result<(), Problem> {
    let Some(state) = state else { return Ok(()) };
    note(request, &state);
    if state.is_exceeded { Err(rate_limited(state, reason)) } else { Ok(()) }
}

/// Notes a quota for the response's header fields.
pub(crate) fn note(request: &HttpRequest, state: &QuotaState) {
    let mut extensions = request.extensions_mut();
    if !extensions.contains::<RateLimitFields>() {
        extensions.insert(RateLimitFields::default());
    }
    if let Some(fields) = extensions.get_mut::<RateLimitFields>() {
        fields.add(state);
    }
}

/// Too many requests: of what, and when to try again.
pub(crate) fn rate_limited(state: QuotaState, reason: Reason) -> Problem {
    let seconds = state.seconds;
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", |m| m.rate_limited)
        .with_retry_after(seconds)
        .with_detail(move |m| format!("{} {}", reason(m), m.retry_in(seconds)))
}

/// The values of `RateLimit-Policy` and `RateLimit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RateLimitFields {
    pub(crate) policy: String,
    pub(crate) limit: String,
}

impl RateLimitFields {
    fn add(&mut self, state: &QuotaState) {
        let QuotaState { name, quota: Quota { count, seconds: window }, .. } = *state;
        for text in [&mut self.policy, &mut self.limit] {
            if !text.is_empty() {
                text.push_str(", ");
            }
        }
        let _ = write!(self.policy, "\"{name}\";q={count};w={window}");
        let _ = write!(self.limit, "\"{name}\";r={};t={}", state.remaining, state.seconds);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use actix_web::test::TestRequest;

    use super::*;

    fn state(name: &'static str, is_exceeded: bool) -> QuotaState {
        let quota = Quota { count: NonZeroU32::MIN, seconds: NonZeroU32::MAX };
        QuotaState { name, quota, is_exceeded, remaining: 0, seconds: 90 }
    }

    #[test]
    fn every_quota_that_was_checked_is_in_the_header_fields() {
        let request = TestRequest::default().to_http_request();
        let check = |state| check(&request, state, |m| m.rate_limited.detail);
        check(None).unwrap();
        assert!(request.extensions().get::<RateLimitFields>().is_none());
        check(Some(state("client", false))).unwrap();
        let problem = check(Some(state("email", true))).unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.retry_after), (429, Some(90)));
        let fields = request.extensions().get::<RateLimitFields>().cloned().unwrap();
        assert_eq!(fields.policy, r#""client";q=1;w=4294967295, "email";q=1;w=4294967295"#);
        assert_eq!(fields.limit, r#""client";r=0;t=90, "email";r=0;t=90"#);
    }
}
