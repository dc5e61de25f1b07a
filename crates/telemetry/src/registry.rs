//! What there is to observe: every metric, span, log line and attribute by name, as the crate that
//! owns it lists them in its `telemetry.toml`.
//!
//! Metrics are set up from it: help, unit, buckets, and the series that start at zero. The rest is
//! for those who read: `docs/telemetry.md` is made from it, and a test holds the running service
//! against it.

use serde::Deserialize;

/// What one crate lets be observed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registry {
    /// Metrics, scraped by Prometheus.
    #[serde(rename = "metric")]
    pub metrics: Vec<Metric>,
    /// Spans of traces.
    #[serde(rename = "span")]
    pub spans: Vec<Span>,
    /// Log lines, at the default filter.
    #[serde(rename = "log")]
    pub logs: Vec<Log>,
    /// What the attributes of spans and log lines mean.
    #[serde(rename = "attribute")]
    pub attributes: Vec<Attribute>,
    /// Environment variables.
    #[serde(rename = "switch")]
    pub switches: Vec<Switch>,
}

/// A text that is not a registry.
#[derive(Debug, thiserror::Error)]
#[error("is not a telemetry registry")]
pub struct RegistryError(#[from] toml::de::Error);

/// A metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its full name.
    pub name: String,
    /// What kind of number it is.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// What it counts or measures, for people.
    pub help: String,
    /// What a histogram's values are in; `seconds`.
    #[serde(default)]
    pub unit: Option<String>,
    /// The upper bounds of a histogram's buckets, ascending; the exporter adds `+Inf`.
    #[serde(default)]
    pub buckets: Vec<f64>,
    /// Its labels, in the order in which they are written.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// The label values of the series that are there from the start; all that the labels' values
    /// make up, unless given.
    #[serde(default)]
    pub zero: Option<Vec<Vec<String>>>,
}

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Grows only.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values by size.
    Histogram,
}

/// A label, and the values that it may have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Every value; empty where a build or a host decides on its one value.
    pub values: Vec<String>,
}

/// A span.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its name, with attributes of its own in braces, as in `{http.request.method}`.
    pub name: String,
    /// `server`, `internal` or `client`.
    pub kind: String,
    /// When there is one.
    pub when: String,
    /// The attributes that it may have.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The names of the events that may happen meanwhile.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A log line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Its text, which never varies.
    pub body: String,
    /// Its severity.
    pub severity: String,
    /// When it is written.
    pub when: String,
    /// The attributes that it may have.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// An attribute of spans or log lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What it says.
    pub meaning: String,
}

/// An environment variable.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Its name.
    pub name: String,
    /// What holds while it is unset.
    pub default: String,
    /// What it does.
    pub meaning: String,
    /// Whether `OTEL_EXPORTER_OTLP_X` has siblings `…_TRACES_X` and `…_LOGS_X`, which win.
    #[serde(default)]
    pub per_signal: bool,
}

impl Registry {
    /// Reads a `telemetry.toml`.
    ///
    /// # Errors
    ///
    /// It is not one.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        Ok(toml::from_str(text)?)
    }
}

impl Metric {
    /// The label values of the series that are there from the start.
    #[must_use]
    pub fn initial_series(&self) -> Vec<Vec<String>> {
        let product = || {
            let mut series = vec![Vec::new()];
            for label in &self.labels {
                let extended = series.iter().flat_map(|begun: &Vec<String>| {
                    label.values.iter().map(|value| {
                        let mut longer = begun.clone();
                        longer.push(value.clone());
                        longer
                    })
                });
                series = extended.collect();
            }
            series
        };
        self.zero.clone().unwrap_or_else(product)
    }
}

impl Switch {
    /// The variable's name, and its siblings'.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        if self.per_signal {
            let sibling = |signal| self.name.replace("_OTLP_", &format!("_OTLP_{signal}_"));
            names.extend(["TRACES", "LOGS"].map(sibling));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_start_with_all_values_of_all_labels_unless_told_otherwise() {
        let text = r#"
            [[metric]]
            name = "a_total"
            type = "counter"
            help = "A"
            labels = [{ name = "x", values = ["1", "2"] }, { name = "y", values = ["3"] }]
            [[metric]]
            name = "b"
            type = "gauge"
            help = "B"
            [[metric]]
            name = "c"
            type = "gauge"
            help = "C"
            labels = [{ name = "version", values = [] }]
        "#;
        let metrics = Registry::parse(text).unwrap().metrics;
        let series = |index: usize| metrics[index].initial_series();
        assert_eq!(series(0), [["1", "3"], ["2", "3"]]);
        assert_eq!(series(1), [[""; 0]]);
        assert_eq!(series(2), [[""; 0]; 0]);
    }
}
