//! What happens around every request, outermost first: its root span and log lines, its metrics,
//! what is left of its quotas, its security headers, who may read the answer, the rendering of
//! whatever went wrong, and the catching of panics.

pub(crate) mod cors;
pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod panics;
pub(crate) mod problems;
pub(crate) mod quota;
pub(crate) mod root_span;
