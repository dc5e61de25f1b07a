//! The handle that keeps telemetry running, and the flush at its end.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use opentelemetry_sdk::{error::OTelSdkResult, logs::SdkLoggerProvider, trace::SdkTracerProvider};
use tokio::runtime::Runtime;
use tracing_appender::non_blocking::WorkerGuard;

use crate::{
    export_queue::QueueBudget,
    metrics::{Metrics, MetricsHandle},
    traces::Relay,
};

/// How long the end of the process waits for collectors, both signals together.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it waits for the reader of standard output, which may be a blocked pipe.
const STDOUT_TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps telemetry running. Dropping it flushes queued spans, then log records, and stops the upkeep of
/// metrics; it waits at most five seconds for collectors and one for standard output.
#[must_use = "telemetry ends when its guard is dropped"]
pub struct Guard {
    pub(crate) service_name: String,
    pub(crate) traces: SignalExport<SdkTracerProvider>,
    pub(crate) relay: Relay,
    pub(crate) logs: SignalExport<SdkLoggerProvider>,
    pub(crate) metrics: Metrics,
    pub(crate) stdout: Option<WorkerGuard>,
    pub(crate) runtime: Option<Runtime>,
}

/// The provider of a signal, and the budget of its queue where the signal is exported.
pub(crate) struct SignalExport<P> {
    pub(crate) provider: Option<P>,
    pub(crate) budget: Option<Arc<QueueBudget>>,
}

impl<P> Default for SignalExport<P> {
    fn default() -> Self {
        Self { provider: None, budget: None }
    }
}

impl Guard {
    /// The handle that renders the metrics of this process.
    #[must_use]
    pub fn metrics(&self) -> MetricsHandle {
        self.metrics.handle()
    }

    /// Whether spans are exported. Otherwise callers can skip collecting their attributes.
    #[must_use]
    pub fn exports_traces(&self) -> bool {
        self.traces.budget.is_some()
    }

    /// The export queue for spans that other programs measured, such as a browser.
    #[must_use]
    pub fn relay(&self) -> Relay {
        self.relay.clone()
    }

    /// The resource attribute `service.name`, from the environment or the settings.
    #[must_use]
    pub fn service_name(&self) -> &str {
        &self.service_name
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        // Traces get half of the time, so that a hanging collector leaves the rest to logs. Traces go
        // first: log records about their failure are still exported.
        if let Some(traces) = self.traces.provider.take() {
            let flushed = traces.shutdown_with_timeout(FLUSH_TIMEOUT / 2);
            let left = (deadline - FLUSH_TIMEOUT / 2).saturating_duration_since(Instant::now());
            let relayed = self.relay.shutdown_with_timeout(left);
            log_lost("traces", self.traces.budget.as_deref(), &flushed.and(relayed));
        }
        if let Some(logs) = self.logs.provider.take() {
            let left = deadline.saturating_duration_since(Instant::now());
            log_lost("logs", self.logs.budget.as_deref(), &logs.shutdown_with_timeout(left));
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // Dropping the worker writes the remaining lines, and blocks if standard output does.
        let stdout = self.stdout.take();
        let (written, end) = mpsc::channel::<()>();
        thread::spawn(move || {
            drop(stdout);
            drop(written);
        });
        let _ = end.recv_timeout(STDOUT_TIMEOUT);
    }
}

/// Logs how many spans or records were still queued when a flush failed.
fn log_lost(signal: &'static str, budget: Option<&QueueBudget>, flushed: &OTelSdkResult) {
    let lost = budget.map_or(0, QueueBudget::queued);
    if lost > 0 && flushed.is_err() {
        tracing::warn!(signal, lost, "Telemetry was lost at the end");
    }
}
