//! What runs around every request, outermost first: root span and log lines, metrics, rate limit
//! fields, security headers, CORS, problems.

pub(crate) mod cors;
pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod problems;
pub(crate) mod rate_limit_headers;
pub(crate) mod root_span;
