//! The entries of a registry.

use serde::Deserialize;

/// A metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Its full name.
    pub name: String,
    /// Its Prometheus type.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// Its help text.
    pub help: String,
    /// The unit of its values, such as `seconds`.
    #[serde(default)]
    pub unit: Option<String>,
    /// The upper bounds of a histogram's buckets in its unit, ascending; the exporter adds `+Inf`.
    #[serde(default)]
    pub buckets: Vec<f64>,
    /// Its labels, in the order in which they are exported.
    #[serde(default)]
    pub labels: Vec<LabelSpec>,
    /// The series that exist from the start, one row of label values each. `None`: every combination of
    /// the labels' values.
    #[serde(default)]
    pub zero: Option<Vec<Vec<String>>>,
}

/// A metric's Prometheus type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Only increases.
    Counter,
    /// Increases and decreases.
    Gauge,
    /// Counts values in buckets.
    Histogram,
}

/// A label of a metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelSpec {
    /// Its name.
    pub name: String,
    /// Every value. Empty if the code supplies them ([`with_label_values`](super::Registry::with_label_values)), or if the build
    /// or the host decides on the one value.
    #[serde(default)]
    pub values: Vec<String>,
}

/// A span.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanSpec {
    /// Its name, with its attributes in braces as placeholders: `{http.request.method}`.
    pub name: String,
    /// `server`, `internal` or `client`.
    pub kind: String,
    /// When it is recorded.
    pub when: String,
    /// The names of its attributes; each may be absent.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The names of its events.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A log line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSpec {
    /// Its constant message.
    pub body: String,
    /// Its severity: `INFO`, `WARN` or `ERROR`.
    pub severity: String,
    /// When it is written.
    pub when: String,
    /// The names of its attributes; each may be absent.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// An attribute of spans or log lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeSpec {
    /// Its name.
    pub name: String,
    /// Its meaning.
    pub meaning: String,
}

/// An environment variable.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableSpec {
    /// Its name.
    pub name: String,
    /// The default, as Markdown.
    pub default: String,
    /// Its effect.
    pub meaning: String,
    /// Whether `OTEL_EXPORTER_OTLP_X` has variants `…_TRACES_X` and `…_LOGS_X`, which take precedence.
    #[serde(default)]
    pub per_signal: bool,
}

impl MetricSpec {
    /// The series that exist from the start, one row of label values each.
    #[must_use]
    pub fn initial_series(&self) -> Vec<Vec<String>> {
        if let Some(rows) = &self.zero {
            return rows.clone();
        }
        let mut rows = vec![Vec::new()];
        for label in &self.labels {
            let mut longer = Vec::new();
            for row in &rows {
                for value in &label.values {
                    longer.push([row, std::slice::from_ref(value)].concat());
                }
            }
            rows = longer;
        }
        rows
    }

    /// Whether each row of `zero` has one of each label's values.
    pub(super) fn zero_fits(&self) -> bool {
        self.zero.iter().flatten().all(|row| {
            let mut pairs = self.labels.iter().zip(row);
            row.len() == self.labels.len()
                && pairs
                    .all(|(label, value)| label.values.is_empty() || label.values.contains(value))
        })
    }
}

impl VariableSpec {
    /// The variable's name, and those of its variants for each signal.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        if self.per_signal {
            let variant = |signal| self.name.replace("_OTLP_", &format!("_OTLP_{signal}_"));
            names.extend(["TRACES", "LOGS"].map(variant));
        }
        names
    }
}
