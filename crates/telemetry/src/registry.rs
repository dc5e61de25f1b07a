//! The registry of telemetry: every metric, span, log line and attribute that a crate emits, as its
//! `telemetry.toml` lists them.
//!
//! `init` sets up metrics from it: help texts, units, buckets and the series that start at
//! zero. `docs/telemetry.md` is generated from it, and a test compares the running service with it.
//!
//! ```toml
//! [[metric]]
//! name = "http_requests_total"
//! type = "counter"                  # or gauge, or histogram with unit and buckets
//! help = "Requests answered"
//! labels = [{ name = "method", values = ["GET", "POST"] }, { name = "endpoint" }]
//! zero = [["GET", "/"]]             # default: every combination of the labels' values
//!
//! [[span]]
//! name = "home_handler"
//! kind = "internal"
//! when = "`GET /` is answered."
//!
//! [[log]]
//! body = "Registration stored"
//! severity = "INFO"
//! when = "Once for each registration."
//! attributes = ["registration.outcome"]
//!
//! [[attribute]]
//! name = "registration.outcome"
//! meaning = "How the request ended."
//! ```
//!
//! # Values that the code knows
//!
//! A label without `values` takes them from the code that defines them, such as a route table or an
//! enum, so that no list is written twice. [`Registry::with_label_values`] and [`Registry::with_zero`]
//! supply them before the registry is used.

mod spec;

use serde::Deserialize;

pub use self::spec::{
    AttributeSpec, LabelSpec, LogSpec, MetricKind, MetricSpec, SpanSpec, VariableSpec,
};

/// The registry of this crate: its own metrics and log lines, and the `OTEL_*` variables.
pub const TELEMETRY: &str = include_str!("../telemetry.toml");

/// The telemetry of one crate.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registry {
    /// Metrics, scraped by Prometheus.
    #[serde(rename = "metric")]
    pub metrics: Vec<MetricSpec>,
    /// Spans.
    #[serde(rename = "span")]
    pub spans: Vec<SpanSpec>,
    /// Log lines at the default filter.
    #[serde(rename = "log")]
    pub logs: Vec<LogSpec>,
    /// The meanings of attributes of spans and log lines.
    #[serde(rename = "attribute")]
    pub attributes: Vec<AttributeSpec>,
    /// Environment variables.
    #[serde(rename = "variable")]
    pub variables: Vec<VariableSpec>,
}

/// Why a registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The text is not TOML, or has unknown or missing members.
    #[error("cannot parse a telemetry.toml")]
    Syntax(#[from] toml::de::Error),
    /// [`Registry::with_label_values`] names a label that is absent or lists its values already.
    #[error("no metric of the registry has a label `{0}` without values")]
    UnknownLabel(String),
    /// [`Registry::with_zero`] names an absent metric.
    #[error("the registry has no metric `{0}`")]
    UnknownMetric(String),
    /// A row of `zero` has a value that its label does not list, or too few or too many values.
    #[error("a zero series of the metric `{0}` does not fit its labels")]
    ZeroSeries(String),
}

impl Registry {
    /// Parses the text of a `telemetry.toml`.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Syntax`], or [`RegistryError::ZeroSeries`].
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let registry: Self = toml::from_str(text)?;
        registry.metrics.iter().try_for_each(check_zero)?;
        Ok(registry)
    }

    /// Supplies the values of a label, to every metric that has it without values.
    ///
    /// # Errors
    ///
    /// [`RegistryError::UnknownLabel`] if there is no such metric.
    pub fn with_label_values<V: Into<String>>(
        mut self,
        label: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, RegistryError> {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        let labels = self.metrics.iter_mut().flat_map(|metric| &mut metric.labels);
        let mut found = false;
        for spec in labels.filter(|spec| spec.name == label && spec.values.is_empty()) {
            spec.values.clone_from(&values);
            found = true;
        }
        if found { Ok(self) } else { Err(RegistryError::UnknownLabel(label.to_owned())) }
    }

    /// Replaces the series of a metric that exist from the start. Each row has one value for each label,
    /// in their order. Supply label values first: the rows are checked against them.
    ///
    /// # Errors
    ///
    /// [`RegistryError::UnknownMetric`] or [`RegistryError::ZeroSeries`].
    pub fn with_zero<V: Into<String>, const LABELS: usize>(
        mut self,
        metric: &str,
        rows: impl IntoIterator<Item = [V; LABELS]>,
    ) -> Result<Self, RegistryError> {
        let Some(spec) = self.metrics.iter_mut().find(|spec| spec.name == metric) else {
            return Err(RegistryError::UnknownMetric(metric.to_owned()));
        };
        let row = |row: [V; LABELS]| row.map(Into::into).into();
        spec.zero = Some(rows.into_iter().map(row).collect());
        check_zero(spec)?;
        Ok(self)
    }
}

fn check_zero(metric: &MetricSpec) -> Result<(), RegistryError> {
    match metric.zero_fits() {
        true => Ok(()),
        false => Err(RegistryError::ZeroSeries(metric.name.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
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
        name = "c_total"
        type = "counter"
        help = "C"
        labels = [{ name = "x" }, { name = "version" }]
    "#;

    fn series(registry: &Registry, index: usize) -> Vec<Vec<String>> {
        registry.metrics[index].initial_series()
    }

    #[test]
    fn series_start_with_every_combination_of_label_values_by_default() {
        let registry = Registry::parse(TEXT).unwrap();
        assert_eq!(series(&registry, 0), [["1", "3"], ["2", "3"]]);
        assert_eq!(series(&registry, 1), [[""; 0]]);
        assert_eq!(series(&registry, 2), [[""; 0]; 0]);
    }

    #[test]
    fn code_supplies_label_values_and_zero_series() {
        let registry = Registry::parse(TEXT).unwrap().with_label_values("x", ["8", "9"]).unwrap();
        assert_eq!(registry.metrics[0].labels[0].values, ["1", "2"], "listed values stay");
        assert_eq!(registry.metrics[2].labels[0].values, ["8", "9"]);
        let registry = registry.with_zero("c_total", [["8", "any"]]).unwrap();
        assert_eq!(series(&registry, 2), [["8", "any"]]);
        let registry = registry.with_zero("a_total", [["2", "3"]]).unwrap();
        assert_eq!(series(&registry, 0), [["2", "3"]]);
    }

    #[test]
    fn supplied_names_and_rows_that_do_not_fit_are_errors() {
        let registry = || Registry::parse(TEXT).unwrap();
        let label = registry().with_label_values("y", ["4"]).unwrap_err();
        assert!(matches!(label, RegistryError::UnknownLabel(name) if name == "y"));
        let metric = registry().with_zero("d_total", [["1"]]).unwrap_err();
        assert!(matches!(metric, RegistryError::UnknownMetric(name) if name == "d_total"));
        let value = registry().with_zero("a_total", [["3", "3"]]).unwrap_err();
        assert!(matches!(value, RegistryError::ZeroSeries(name) if name == "a_total"));
        let length = registry().with_zero("a_total", [["1"]]).unwrap_err();
        assert!(matches!(length, RegistryError::ZeroSeries(_)));
        let listed = Registry::parse(&format!("{TEXT}\nzero = [[\"1\"]]")).unwrap_err();
        assert!(matches!(listed, RegistryError::ZeroSeries(name) if name == "c_total"));
    }
}
