//! What a run must not exceed, and whether it did.

use std::fmt;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// The median latency, in milliseconds.
    P50,
    /// The latency that one answer in a hundred exceeds, in milliseconds.
    P99,
    /// Requests without the answer they expect, in per cent of all.
    Errors,
}

impl Measure {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::Errors => "errors",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::P50 | Self::P99 => "ms",
            Self::Errors => "%",
        }
    }
}

/// A limit and what it is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threshold {
    pub(crate) measure: Measure,
    pub(crate) limit: f64,
    /// `None` where there was nothing to measure: that meets no limit.
    pub(crate) value: Option<f64>,
}

impl Threshold {
    pub(crate) fn is_met(&self) -> bool {
        self.value.is_some_and(|value| value <= self.limit)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = (self.measure.name(), self.measure.unit());
        match self.value {
            Some(value) => write!(f, "{name} {value:.3} {unit}")?,
            None => write!(f, "{name} unknown, for want of an answer")?,
        }
        let verdict = if self.is_met() { "met" } else { "MISSED" };
        write!(f, "; at most {} {unit} wanted: {verdict}", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(measure: Measure, limit: f64, value: Option<f64>) -> Threshold {
        Threshold { measure, limit, value }
    }

    #[test]
    fn a_limit_may_be_reached_and_not_exceeded() {
        assert!(threshold(Measure::P99, 10.0, Some(10.0)).is_met());
        assert!(!threshold(Measure::P99, 10.0, Some(10.001)).is_met());
        assert!(threshold(Measure::Errors, 0.0, Some(0.0)).is_met());
        assert!(!threshold(Measure::Errors, 0.0, Some(0.01)).is_met());
        assert!(!threshold(Measure::P50, 10.0, None).is_met());
    }

    #[test]
    fn they_say_what_is_wrong() {
        let missed = threshold(Measure::P99, 2.5, Some(12.0)).to_string();
        assert_eq!(missed, "p99 12.000 ms; at most 2.5 ms wanted: MISSED");
        let met = threshold(Measure::Errors, 1.0, Some(0.5)).to_string();
        assert_eq!(met, "errors 0.500 %; at most 1 % wanted: met");
        let unknown = threshold(Measure::P50, 1.0, None).to_string();
        assert_eq!(unknown, "p50 unknown, for want of an answer; at most 1 ms wanted: MISSED");
    }
}
