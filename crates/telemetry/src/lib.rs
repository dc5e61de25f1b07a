//! Traces, JSON logs and metrics: how a service tells what it does. Knows nothing of students.
//!
//! [`init`] sets all three up for the process and returns a [`Guard`]; dropping the guard writes
//! what is still under way. Instrumented code speaks through the `tracing` and `metrics` façades
//! and needs this crate only for the ids of the trace it is in.
//!
//! # Add a histogram
//!
//! Name it, with its buckets, in the [`Settings::histograms`] that its owner passes: the exporter
//! would write a summary otherwise.

mod logs;
mod metrics;
mod traces;

pub use logs::{FilterError, LogFormat, check_filter};
pub use metrics::{Histogram, MetricsHandle};
pub use traces::{continue_trace, current_trace_id};

/// What a service tells its telemetry.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The resource attribute `service.name`.
    pub service_name: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written, in the syntax of `RUST_LOG`. Traces do not depend on it.
    pub log_filter: String,
    /// Every histogram and its buckets.
    pub histograms: Vec<Histogram>,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The log filter is not one.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The metrics recorder refused a histogram, or there is one already.
    #[error("cannot set metrics up")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is a subscriber already.
    #[error("cannot set logs and traces up")]
    Subscriber(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry going. Dropping it writes the log lines that are still queued.
#[must_use = "telemetry ends when its guard is dropped"]
pub struct Guard {
    metrics: metrics::Metrics,
    _logs: tracing_appender::non_blocking::WorkerGuard,
}

impl Guard {
    /// What `/metrics` serves.
    #[must_use]
    pub fn metrics(&self) -> MetricsHandle {
        self.metrics.handle()
    }
}

/// Sets logs, traces and metrics up for this process, once.
///
/// # Errors
///
/// The filter is wrong, or the process has telemetry already.
pub fn init(settings: &Settings) -> Result<Guard, InitError> {
    use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

    let metrics = metrics::init(&settings.histograms)?;
    let (logs, guard) = logs::layer(settings)?;
    tracing_subscriber::registry().with(traces::layer(settings)).with(logs).try_init()?;
    Ok(Guard { metrics, _logs: guard })
}
