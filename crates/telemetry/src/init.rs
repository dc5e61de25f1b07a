//! Installs the subscriber, the recorder and the exporters of this process.

use metrics_exporter_prometheus::BuildError;
use tokio::runtime::Runtime;
use tracing_subscriber::{
    layer::SubscriberExt as _,
    util::{SubscriberInitExt as _, TryInitError},
};

use crate::{
    environment::{Environment, Warning},
    guard::{Guard, SignalExport},
    logs::{self, FilterError, Stdout},
    metrics, otlp, partial_success,
    registry::{Registry, RegistryError, TELEMETRY},
    resource,
    settings::Settings,
    traces::{self, Relay, SpanGate, Traces},
};

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// [`Settings::log_filter`] cannot be parsed.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A registry cannot be used.
    #[error("cannot read the telemetry registries")]
    Registry(#[from] RegistryError),
    /// A histogram's buckets are invalid, or the process has a metrics recorder already.
    #[error("cannot set up metrics")]
    Metrics(#[from] BuildError),
    /// The export thread cannot be started.
    #[error("cannot start the telemetry export thread")]
    Runtime(#[from] std::io::Error),
    /// The process has a `tracing` subscriber already.
    #[error("cannot set up logs and traces")]
    Subscriber(#[from] TryInitError),
}

/// Sets up logs, traces and metrics for this process. Call it once, and keep the [`Guard`].
///
/// `registries` are those of the service's crates; this crate adds its own. Unusable `OTEL_*` variables
/// are no error: each is logged as a warning and its default applies.
///
/// # Errors
///
/// The filter or a registry is invalid, the process has telemetry already, or a thread cannot be
/// started.
pub fn init(settings: &Settings, mut registries: Vec<Registry>) -> Result<Guard, InitError> {
    let environment = Environment::of_process();
    let mut warnings = environment.warnings.clone();
    let stdout = Stdout::open();
    registries.push(Registry::parse(TELEMETRY)?);
    let metrics = metrics::init(&registries)?;
    let attributes = resource::attributes(settings, &environment);
    let resource = resource::of(&attributes);

    let runtime = otlp::runtime(&environment)?;
    let entered = runtime.as_ref().map(Runtime::enter);
    let (mut traces, mut logs, mut relay) =
        (SignalExport::default(), SignalExport::default(), Relay::default());
    if !environment.disabled {
        traces::set_propagator(environment.continue_traces);
        let relayed =
            settings.relayed_service_name.as_ref().map(|name| resource::named(&attributes, name));
        let exported = Traces::new(
            &environment,
            resource.clone(),
            relayed,
            settings.trust_traceparent,
            &stdout.lines,
            &mut warnings,
        );
        traces = SignalExport { provider: Some(exported.provider), budget: exported.budget };
        relay = exported.relay;
        if let Some((provider, budget)) = logs::provider(&environment, resource, &mut warnings) {
            logs = SignalExport { provider: Some(provider), budget: Some(budget) };
        }
    }
    drop(entered);

    let exports = traces.budget.is_some() || logs.budget.is_some();
    let records =
        logs::layer(settings, &environment, &attributes, stdout.lines, logs.provider.as_ref())?;
    tracing_subscriber::registry()
        .with(traces::layer(traces.provider.as_ref()))
        .with(SpanGate)
        .with(records)
        .with(exports.then(partial_success::layer))
        .try_init()?;
    for Warning { variable, reason } in &warnings {
        tracing::warn!(variable, reason, "Telemetry setting not followed");
    }
    let service_name = resource::service_name(&attributes).to_owned();
    Ok(Guard { service_name, traces, relay, logs, metrics, stdout: Some(stdout.guard), runtime })
}
