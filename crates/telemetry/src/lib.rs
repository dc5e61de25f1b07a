//! Traces, logs and metrics: how a service tells what it does. Knows nothing of students.
//!
//! [`init`] sets all three up for the process, as the `OTEL_*` environment says, and returns a
//! [`Guard`]; dropping the guard sends what is still under way. Instrumented code speaks through
//! the `tracing` and `metrics` façades and needs this crate only for the trace it is in.
//!
//! Traces and logs are pushed over OTLP, metrics are scraped: one measurement, one path. Nothing
//! that happens to a receiver slows a request: queues are bounded, and what they lose is counted in
//! `telemetry_dropped_total`.
//!
//! # Add a metric, a span, an attribute or a log line
//!
//! Write it with the façade's macros, and list it in the `telemetry.toml` of the crate that owns it
//! ([`Registry`]): help, unit, buckets, labels with every value they may have. Then `make docs`. A
//! test fails where the running service and the registries disagree.

mod accounts;
mod environment;
mod legacy;
mod logs;
mod metrics;
mod otlp;
mod probe;
mod registry;
mod rejections;
mod resource;
mod traces;

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use opentelemetry_sdk::{error::OTelSdkResult, logs::SdkLoggerProvider, trace::SdkTracerProvider};
use tokio::runtime::Runtime;
use tracing_appender::non_blocking::WorkerGuard;

pub use environment::Warning;
pub use logs::{FilterError, LogFormat, check_filter};
pub use metrics::MetricsHandle;
pub use probe::{Outcome, Probe, probe};
pub use registry::{
    Attribute, Label, Log, Metric, MetricKind, Registry, RegistryError, Span, Switch,
};
pub use resource::deployment_environment;
pub use traces::{
    Relay, RelayedSpan, RelayedValue, continue_trace, current_trace_id, is_sampled,
    record_exception, traceparent,
};

use self::{accounts::Account, environment::Environment, traces::Traces};

/// This crate's own [`Registry`]: what it measures, and the environment that it honours.
pub const TELEMETRY: &str = include_str!("../telemetry.toml");

/// How long the end of the process may wait for receivers, altogether.
const FLUSH: Duration = Duration::from_secs(5);

/// How long it may wait for whoever reads standard output.
const LINES: Duration = Duration::from_secs(1);

/// What a service tells its telemetry. What the `OTEL_*` environment says comes first.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The resource attribute `service.name`.
    pub service_name: String,
    /// The resource attribute `service.namespace`.
    pub service_namespace: String,
    /// The resource attribute `service.version`.
    pub service_version: String,
    /// The resource attribute `service.name` of spans that are relayed, if any are.
    pub relayed_service_name: Option<String>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log records are written and exported, in the syntax of `RUST_LOG`. Traces do not
    /// depend on it.
    pub log_filter: String,
    /// The registries of the service's crates, each the text of a `telemetry.toml`; this crate's
    /// own is added.
    pub registries: Vec<&'static str>,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The log filter is not one.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A registry is not one.
    #[error("cannot set metrics up: a telemetry.toml")]
    Registry(#[from] RegistryError),
    /// The metrics recorder refused a histogram, or there is one already.
    #[error("cannot set metrics up")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No thread for gRPC.
    #[error("cannot set exporting up")]
    Runtime(#[from] std::io::Error),
    /// There is a subscriber already.
    #[error("cannot set logs and traces up")]
    Subscriber(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry going. Dropping it sends the spans that are still queued, then the log records,
/// then stops the metrics' upkeep; it waits for receivers five seconds at most.
#[must_use = "telemetry ends when its guard is dropped"]
pub struct Guard {
    service_name: String,
    traces: Exported<SdkTracerProvider>,
    relay: Relay,
    logs: Exported<SdkLoggerProvider>,
    metrics: metrics::Metrics,
    output: Option<WorkerGuard>,
    runtime: Option<Runtime>,
}

/// A signal's provider and the account of its queue, where it has them.
struct Exported<P> {
    provider: Option<P>,
    account: Option<Arc<Account>>,
}

impl Guard {
    /// What `/metrics` serves.
    #[must_use]
    pub fn metrics(&self) -> MetricsHandle {
        self.metrics.handle()
    }

    /// Whether any span is kept: otherwise what spans say need not be put together.
    #[must_use]
    pub fn keeps_traces(&self) -> bool {
        self.traces.account.is_some()
    }

    /// Where spans of somebody else's go.
    #[must_use]
    pub fn relay(&self) -> Relay {
        self.relay.clone()
    }

    /// The service's name, as the environment or the settings have it.
    #[must_use]
    pub fn service_name(&self) -> &str {
        &self.service_name
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let deadline = Instant::now() + FLUSH;
        // A receiver of traces that hangs leaves the logs their half of the time; what is said about
        // it still goes out with them.
        if let Some(traces) = self.traces.provider.take() {
            let flushed = traces.shutdown_with_timeout(FLUSH / 2);
            let left = (deadline - FLUSH / 2).saturating_duration_since(Instant::now());
            let relayed = self.relay.shutdown_with_timeout(left);
            report("traces", self.traces.account.as_deref(), &flushed.and(relayed));
        }
        if let Some(logs) = self.logs.provider.take() {
            let left = deadline.saturating_duration_since(Instant::now());
            report("logs", self.logs.account.as_deref(), &logs.shutdown_with_timeout(left));
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // Writes the lines that are left. Where nobody reads them this would wait for ever.
        let output = self.output.take();
        let (written, end) = mpsc::channel::<()>();
        thread::spawn(move || {
            drop(output);
            drop(written);
        });
        let _ = end.recv_timeout(LINES);
    }
}

/// Says what is lost because the receiver did not take it in time.
fn report(signal: &'static str, account: Option<&Account>, flushed: &OTelSdkResult) {
    let lost = account.map_or(0, Account::waiting);
    if lost > 0 && flushed.is_err() {
        tracing::warn!(signal, lost, "Telemetry was lost at the end");
    }
}

/// Sets logs, traces and metrics up for this process, once.
///
/// # Errors
///
/// The filter or a registry is wrong, or the process has telemetry already. An environment that
/// cannot be followed is no error, but a warning in the log.
pub fn init(settings: &Settings) -> Result<Guard, InitError> {
    use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

    let environment = Environment::of_process();
    let mut warnings = environment.warnings.clone();
    let registries = settings.registries.iter().chain([&TELEMETRY]);
    let registries = registries.map(|text| Registry::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let mut metrics = metrics::init(&registries)?;
    let attributes = resource::attributes(settings, &environment);
    let resource = resource::of(&attributes);
    let runtime = otlp::runtime(&environment)?;
    let within = runtime.as_ref().map(Runtime::enter);

    let output = logs::output();
    let dropped_lines = output.dropped.clone();
    let dropped = accounts::dropped("stdout");
    metrics.before_scrape(move || dropped.absolute(dropped_lines.dropped_lines() as u64));

    let mut traces = Exported { provider: None, account: None };
    let mut relay = Relay::default();
    let mut logs = Exported { provider: None, account: None };
    if !environment.disabled {
        traces::set_propagator(environment.continue_traces);
        let relayed =
            settings.relayed_service_name.as_ref().map(|name| resource::named(&attributes, name));
        let exported =
            Traces::new(&environment, resource.clone(), relayed, &output.writer, &mut warnings);
        traces = Exported { provider: Some(exported.provider), account: exported.account };
        relay = exported.relay;
        if let Some((provider, account)) = logs::provider(&environment, resource, &mut warnings) {
            logs = Exported { provider: Some(provider), account: Some(account) };
        }
    }
    drop(within);
    let exports = traces.account.is_some() || logs.account.is_some();

    let records =
        logs::layer(settings, &environment, &attributes, output.writer, logs.provider.as_ref())?;
    tracing_subscriber::registry()
        .with(traces::layer(traces.provider.as_ref()))
        .with(records)
        .with(exports.then(rejections::layer))
        .try_init()?;
    for Warning { variable, reason } in &warnings {
        tracing::warn!(variable, reason, "Telemetry setting not followed");
    }
    let service_name = attributes.iter().find(|(key, _)| key == "service.name");
    let service_name = service_name.map(|(_, name)| name.clone()).unwrap_or_default();
    Ok(Guard { service_name, traces, relay, logs, metrics, output: Some(output.guard), runtime })
}
