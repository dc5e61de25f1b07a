//! What one measurement amounts to, and several of the same.

/// One measurement of one subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Registrations acknowledged a second.
    pub(crate) rate: f64,
    /// Latencies of those in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Of all others, where there were any.
    pub(crate) refused_p99: Option<f64>,
    /// Share of requests that had another answer or none.
    pub(crate) refused: f64,
    pub(crate) errors: f64,
    /// Microseconds of the processor that the process took, a request.
    pub(crate) cpu: f64,
    /// The most memory that the process held, in MiB.
    pub(crate) memory: f64,
    /// Spans, log records and the like that telemetry gave up.
    pub(crate) dropped: f64,
}

/// Measurements of the same, one a round.
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

/// The middle one, or the mean of the two in the middle; not a number where there are none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[length / 2],
        length => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}

/// The least and the most.
pub(crate) fn range(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    (least, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        assert_eq!(range(&[3.0, 1.0, 2.0]), (1.0, 3.0));
    }
}
