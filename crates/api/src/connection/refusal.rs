//! Answers to heads that no handler sees: they are malformed, too large, or do not end in time.

use actix_web::http::StatusCode;
use bytes::Bytes;
use metrics::counter;

use crate::{
    i18n::Language,
    telemetry::UNMATCHED,
    web::{
        middleware::root_span::OTHER,
        problem::{Problem, ProblemContext},
    },
};

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It breaks the grammar of HTTP, or has no `Host`, or one that is none (RFC 9112 3.2).
    Malformed,
    /// It did not end within `CLIENT_TIMEOUT`.
    Timeout,
    TargetTooLong,
    HeadTooLarge,
}

impl Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::Malformed => {
                Problem::new(StatusCode::BAD_REQUEST, "bad_request", |m| m.bad_request)
            }
            Self::Timeout => {
                Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", |m| m.request_timeout)
            }
            Self::TargetTooLong => {
                Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", |m| m.uri_too_long)
            }
            Self::HeadTooLarge => {
                Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", |m| {
                    m.head_too_large
                })
            }
        }
    }

    /// The whole answer, which says that the connection closes. Counted as a request without a
    /// route: who sent it and what for is not known.
    pub(super) fn answer(self) -> Bytes {
        let problem = self.problem();
        let status = problem.status;
        for name in ["http_requests_total", "http_errors_total"] {
            let status = status.as_str().to_owned();
            counter!(name, "method" => OTHER, "endpoint" => UNMATCHED, "status_code" => status)
                .increment(1);
        }
        let context = ProblemContext { path: "*", trace_id: None, reference: None };
        let body = problem.to_json(context, Language::ALL[0].messages());
        let (reason, length) = (status.canonical_reason().unwrap_or_default(), body.len());
        let code = status.as_str();
        format!(
            "HTTP/1.1 {code} {reason}\r\ncontent-type: application/problem+json\r\n\
             content-length: {length}\r\nconnection: close\r\ncache-control: no-store\r\n\
             x-content-type-options: nosniff\r\n\r\n{body}"
        )
        .into()
    }
}
