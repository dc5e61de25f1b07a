//! What a service passes to `init`.

/// The service's own settings. `OTEL_*` environment variables take precedence over them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The resource attribute `service.name`.
    pub service_name: String,
    /// The resource attribute `service.namespace`.
    pub service_namespace: String,
    /// The resource attribute `service.version`.
    pub service_version: String,
    /// The resource attribute `service.name` of relayed spans; `None` turns the relay off.
    pub relayed_service_name: Option<String>,
    /// Whether the sampled flag of a caller's `traceparent` takes precedence over the configured sampler,
    /// where that is parent-based. Otherwise a caller can only leave its request out.
    pub trust_traceparent: bool,
    /// The format of log lines on standard output.
    pub log_format: LogFormat,
    /// Which log records are written and exported, in the syntax of `RUST_LOG`. Does not affect spans.
    pub log_filter: String,
}

/// The format of log lines on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, with the field names of OpenTelemetry's log data model.
    Json,
    /// Text for people, in colour on a terminal.
    Pretty,
}
