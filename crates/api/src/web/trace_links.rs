//! Links from a registration to its trace and to its log lines.

use registration_domain::TraceId;

use crate::config::DeskConfig;

/// The configured addresses, in which `{trace_id}` is replaced.
#[derive(Clone, Debug, Default)]
pub(crate) struct TraceLinks {
    trace: Option<String>,
    logs: Option<String>,
}

impl TraceLinks {
    pub(crate) fn new(config: &DeskConfig) -> Self {
        Self { trace: config.trace_url.clone(), logs: config.logs_url.clone() }
    }

    /// Where the trace is shown; `None` without a trace or an address.
    pub(crate) fn trace(&self, id: Option<TraceId>) -> Option<String> {
        link(self.trace.as_deref(), id)
    }

    /// Where the log lines of the trace are shown; `None` without a trace or an address.
    pub(crate) fn logs(&self, id: Option<TraceId>) -> Option<String> {
        link(self.logs.as_deref(), id)
    }
}

fn link(template: Option<&str>, id: Option<TraceId>) -> Option<String> {
    Some(template?.replace("{trace_id}", &id?.to_string()))
}
