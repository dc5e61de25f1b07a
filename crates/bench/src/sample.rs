//! The result of one measurement, and of several of the same.

/// The result of one measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Acknowledged registrations per second.
    pub(crate) rate: f64,
    /// Latencies of acknowledged registrations in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Of all other answers, if there are any.
    pub(crate) refused_p99: Option<f64>,
    /// Share of requests answered 503.
    pub(crate) refused: f64,
    /// Requests with another answer or none.
    pub(crate) errors: f64,
    /// Processor time of the service in microseconds per request.
    pub(crate) cpu: f64,
    /// The same of the database's server; 0 without one.
    pub(crate) server_cpu: f64,
    /// Peak memory of the service in MiB.
    pub(crate) memory: f64,
    /// Spans and log records that the service dropped.
    pub(crate) dropped: f64,
}

/// Measurements of the same subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(pub(crate) Vec<Sample>);

impl Samples {
    pub(crate) fn rates(&self) -> Vec<f64> {
        self.all(|sample| sample.rate)
    }

    pub(crate) fn all(&self, value: impl Fn(&Sample) -> f64) -> Vec<f64> {
        self.0.iter().map(value).collect()
    }

    pub(crate) fn median(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        median(&self.all(value))
    }

    pub(crate) fn sum(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        self.all(value).into_iter().sum()
    }
}

/// NaN if there are no values.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[length / 2],
        length => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}

/// The value that this share of the values does not exceed; NaN if there are none.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let index = (share * values.len() as f64).ceil() as usize;
    values.get(index.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// The minimum and the maximum.
pub(crate) fn range(values: &[f64]) -> (f64, f64) {
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    (min, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        let values: Vec<_> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(
            [0.0, 0.5, 0.99, 1.0].map(|share| quantile(&values, share)),
            [1.0, 100.0, 198.0, 200.0]
        );
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(range(&[3.0, 1.0, 2.0]), (1.0, 3.0));
    }
}
