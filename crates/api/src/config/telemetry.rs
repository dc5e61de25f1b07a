//! Browser telemetry and log lines. The rest of telemetry is configured by `OTEL_` variables.

use clap::Args;
use registration_telemetry::LogFormat;

use super::{
    checked::{Checked, ConfigErrors},
    values::{Bool, Filter, Format},
};

#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "help texts, not Markdown")]
pub(super) struct TelemetryOptions {
    /// Disable browser telemetry: no traceparent in pages, no spans from browsers
    #[arg(long, env = "NO_BROWSER_TELEMETRY", value_name = "BOOL", global = true)]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "false", default_missing_value = "true")]
    no_browser_telemetry: Checked<Bool>,

    /// Follow the sampled flag of a client's traceparent also where the sampler (OTEL_TRACES_SAMPLER) would
    /// leave its trace out; only where a proxy sets or removes that header
    #[arg(long, env = "TRUST_TRACEPARENT", value_name = "BOOL", global = true)]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "false", default_missing_value = "true")]
    trust_traceparent: Checked<Bool>,

    /// Format of log lines: json for programs, pretty for people
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", global = true, default_value = "json")]
    log_format: Checked<Format>,

    /// Log lines to write, as in info or warn,student_registration=debug
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", global = true, default_value = "info")]
    log_filter: Checked<Filter>,
}

/// Browser telemetry and log lines.
#[derive(Clone, Debug)]
pub(crate) struct TelemetryConfig {
    pub(crate) browser: bool,
    pub(crate) trust_traceparent: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
}

impl TelemetryOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> TelemetryConfig {
        TelemetryConfig {
            browser: !errors.value_or_record("no_browser_telemetry", self.no_browser_telemetry).0,
            trust_traceparent: errors
                .value_or_record("trust_traceparent", self.trust_traceparent)
                .0,
            log_format: errors.value_or_record("log_format", self.log_format).0,
            log_filter: errors.value_or_record("log_filter", self.log_filter).0,
        }
    }
}
