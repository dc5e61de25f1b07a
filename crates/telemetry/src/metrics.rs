//! The Prometheus recorder behind the `metrics` façade, set up from registries.

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::registry::{MetricKind, MetricSpec, Registry};

/// How often histograms are compacted between scrapes, which bounds their memory.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Renders the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle {
    recorder: PrometheusHandle,
    process: Collector,
}

impl MetricsHandle {
    /// All metrics recorded so far, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.process.collect();
        self.recorder.render()
    }
}

/// The installed recorder. Dropping this ends its upkeep.
pub(crate) struct Metrics {
    handle: MetricsHandle,
    _upkeep: Sender<()>,
}

impl Metrics {
    pub(crate) fn handle(&self) -> MetricsHandle {
        self.handle.clone()
    }
}

/// Installs the recorder.
pub(crate) fn init(registries: &[Registry]) -> Result<Metrics, BuildError> {
    let metrics = || registries.iter().flat_map(|registry| &registry.metrics);
    let mut builder = PrometheusBuilder::new();
    for histogram in metrics().filter(|metric| metric.kind == MetricKind::Histogram) {
        let name = Matcher::Full(histogram.name.clone());
        builder = builder.set_buckets_for_metric(name, &histogram.buckets)?;
    }
    let recorder = builder.install_recorder()?;
    let process = Collector::default();
    process.describe();
    for metric in metrics() {
        metrics::with_recorder(|recorder| set_up(recorder, metric));
    }

    let (upkeep, stopped) = mpsc::channel::<()>();
    let handle = recorder.clone();
    thread::spawn(move || {
        while stopped.recv_timeout(UPKEEP_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            handle.run_upkeep();
        }
    });
    let handle = MetricsHandle { recorder, process };
    Ok(Metrics { handle, _upkeep: upkeep })
}

/// Describes a metric and creates its initial series: without a first sample of zero, Prometheus' `rate`
/// misses a counter's first increment.
fn set_up(recorder: &dyn Recorder, metric: &MetricSpec) {
    let name = KeyName::from(metric.name.clone());
    let unit = metric.unit.as_deref().and_then(Unit::from_string);
    let help = metric.help.clone().into();
    match metric.kind {
        MetricKind::Counter => recorder.describe_counter(name, unit, help),
        MetricKind::Gauge => recorder.describe_gauge(name, unit, help),
        MetricKind::Histogram => recorder.describe_histogram(name, unit, help),
    }
    let metadata = Metadata::new(module_path!(), Level::INFO, None);
    for values in metric.initial_series() {
        let names = metric.labels.iter().map(|label| label.name.clone());
        let labels: Vec<_> =
            names.zip(values).map(|(name, value)| Label::new(name, value)).collect();
        let key = Key::from_parts(metric.name.clone(), labels);
        match metric.kind {
            MetricKind::Counter => recorder.register_counter(&key, &metadata).increment(0),
            MetricKind::Gauge => recorder.register_gauge(&key, &metadata).set(0.0),
            MetricKind::Histogram => drop(recorder.register_histogram(&key, &metadata)),
        }
    }
}
