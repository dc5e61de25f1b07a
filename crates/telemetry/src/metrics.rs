//! The Prometheus recorder behind the `metrics` façade, set up from registries.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use metrics::{Key, KeyName, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::{
    InitError, Registry,
    registry::{Metric, MetricKind},
};

/// How often histograms are tidied between scrapes, so that they cannot grow without bound.
const UPKEEP: Duration = Duration::from_secs(5);

/// Renders the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle {
    recorder: PrometheusHandle,
    process: Collector,
    before_scrape: Arc<dyn Fn() + Send + Sync>,
}

impl MetricsHandle {
    /// Everything recorded so far, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.process.collect();
        (self.before_scrape)();
        self.recorder.render()
    }
}

/// The recorder's upkeep, which ends when this is dropped.
pub(crate) struct Metrics {
    handle: MetricsHandle,
    _upkeep: Sender<()>,
}

impl Metrics {
    pub(crate) fn handle(&self) -> MetricsHandle {
        self.handle.clone()
    }

    /// Has `read` called before each scrape, for numbers that are kept elsewhere.
    pub(crate) fn before_scrape(&mut self, read: impl Fn() + Send + Sync + 'static) {
        self.handle.before_scrape = Arc::new(read);
    }
}

pub(crate) fn init(registries: &[Registry]) -> Result<Metrics, InitError> {
    let metrics = || registries.iter().flat_map(|registry| &registry.metrics);
    let mut builder = PrometheusBuilder::new();
    for histogram in metrics().filter(|metric| metric.kind == MetricKind::Histogram) {
        let name = Matcher::Full(histogram.name.clone());
        builder = builder
            .set_buckets_for_metric(name, &histogram.buckets)
            .map_err(|error| InitError::Metrics(error.into()))?;
    }
    let recorder = builder.install_recorder().map_err(|error| InitError::Metrics(error.into()))?;
    let process = Collector::default();
    process.describe();
    for metric in metrics() {
        metrics::with_recorder(|recorder| set_up(recorder, metric));
    }

    let (stop, stopped) = mpsc::channel::<()>();
    let handle = recorder.clone();
    thread::spawn(move || {
        while stopped.recv_timeout(UPKEEP) == Err(RecvTimeoutError::Timeout) {
            handle.run_upkeep();
        }
    });
    let handle = MetricsHandle { recorder, process, before_scrape: Arc::new(|| {}) };
    Ok(Metrics { handle, _upkeep: stop })
}

/// Describes a metric, and begins its known series at zero: a rate needs a zero to grow from.
fn set_up(recorder: &dyn Recorder, metric: &Metric) {
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
            names.zip(values).map(|(name, value)| metrics::Label::new(name, value)).collect();
        let key = Key::from_parts(metric.name.clone(), labels);
        match metric.kind {
            MetricKind::Counter => recorder.register_counter(&key, &metadata).increment(0),
            MetricKind::Gauge => recorder.register_gauge(&key, &metadata).set(0.0),
            MetricKind::Histogram => drop(recorder.register_histogram(&key, &metadata)),
        }
    }
}
