//! What runs around every request, outermost first: root span and log lines, metrics, header fields,
//! CORS, problems.

pub(crate) mod cors;
pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod problems;
pub(crate) mod root_span;
