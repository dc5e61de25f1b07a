//! What happens around every request, outermost first: its root span and log lines, its metrics,
//! its security headers, and the rendering of whatever went wrong.

pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod problems;
pub(crate) mod root_span;
