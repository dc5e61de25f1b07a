//! Sets up traces, logs and metrics for a service. Depends on no other crate of the workspace.
//!
//! [`init()`] installs the process's `tracing` subscriber and `metrics` recorder, configured by the
//! `OTEL_*` environment variables, and returns a [`Guard`]. Dropping the guard flushes what is queued.
//! Instrumented code uses the `tracing` and `metrics` façades; it needs this crate only to read or
//! continue the current trace ([`current_trace_id`], [`continue_trace`], [`record_exception`]).
//!
//! Traces and logs are pushed over OTLP; metrics are scraped. Export never blocks a request: queues are
//! bounded by items and bytes, and `telemetry_dropped_total` counts what they drop. Every exported text is
//! shortened to 4 KiB by [`shortened`].
//!
//! # Add a metric, a span, an attribute or a log line
//!
//! 1. Emit it with the façade's macro: `metrics::counter!`, `tracing::info_span!`, `tracing::info!`.
//! 2. List it in the `telemetry.toml` of the crate that emits it; [`registry`] describes the entries.
//!    A new attribute also needs an `[[attribute]]` with its meaning, once in all registries.
//! 3. Run `make docs`, which writes `docs/telemetry.md`, and `make golden` if a trace changes.
//!
//! Tests fail where the registries and what the running service emits differ.

mod environment;
mod export_queue;
mod guard;
mod init;
mod logs;
mod metrics;
mod otlp;
mod partial_success;
mod probe;
pub mod registry;
mod resource;
mod semconv_compat;
mod settings;
mod shorten;
mod traces;

pub use environment::Warning;
pub use guard::Guard;
pub use init::{InitError, init};
pub use logs::{FilterError, check_filter};
pub use metrics::MetricsHandle;
pub use probe::{Probe, ProbeOutcome, probe};
pub use registry::TELEMETRY;
pub use resource::deployment_environment;
pub use settings::{LogFormat, Settings};
pub use shorten::shortened;
pub use traces::{
    Relay, RelayedSpan, RelayedValue, continue_trace, current_trace_id, current_trace_id_bytes,
    is_sampled, record_exception, traceparent,
};
