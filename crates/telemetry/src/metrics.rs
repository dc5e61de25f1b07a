//! The Prometheus recorder behind the `metrics` façade.

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::InitError;

/// How often histograms are tidied between scrapes, so that they cannot grow without bound.
const UPKEEP: Duration = Duration::from_secs(5);

/// A histogram and the upper bounds of its buckets, in its own unit.
#[derive(Clone, Copy, Debug)]
pub struct Histogram {
    /// The metric's full name.
    pub name: &'static str,
    /// Upper bounds, ascending; the exporter adds `+Inf`.
    pub buckets: &'static [f64],
}

/// Renders the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// Everything recorded so far, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
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
}

pub(crate) fn init(histograms: &[Histogram]) -> Result<Metrics, InitError> {
    let mut builder = PrometheusBuilder::new();
    for histogram in histograms {
        let name = Matcher::Full(histogram.name.to_owned());
        builder = builder
            .set_buckets_for_metric(name, histogram.buckets)
            .map_err(|error| InitError::Metrics(error.into()))?;
    }
    let handle = builder.install_recorder().map_err(|error| InitError::Metrics(error.into()))?;

    let (stop, stopped) = mpsc::channel::<()>();
    let recorder = handle.clone();
    thread::spawn(move || {
        while stopped.recv_timeout(UPKEEP) == Err(RecvTimeoutError::Timeout) {
            recorder.run_upkeep();
        }
    });
    Ok(Metrics { handle: MetricsHandle(handle), _upkeep: stop })
}
