//! What a request of the office brings besides its body.

use registration_application::desk::RequestContext;

use super::problem::Problem;
use crate::clock;

/// The time, random bytes and the trace.
pub(crate) fn new() -> Result<RequestContext, Problem> {
    let random = clock::random().map_err(Problem::unexpected)?;
    Ok(RequestContext { now: clock::now(), random, trace_id: trace_id() })
}

/// The id of the current trace.
pub(crate) fn trace_id() -> Option<registration_domain::TraceId> {
    let bytes = registration_telemetry::current_trace_id_bytes()?;
    registration_domain::TraceId::from_bytes(bytes)
}
