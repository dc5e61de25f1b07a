//! Ratios of two series of figures, and what they should be.

use std::fmt;

use crate::sample::{median, range};

/// The ratios of figures that were measured together: what disturbs one disturbs the other.
#[derive(Clone)]
pub(crate) struct Ratios(Vec<f64>);

impl Ratios {
    /// Each of `upper` by the one of `lower` that was measured in the same round or pair.
    pub(crate) fn new(upper: &[f64], lower: &[f64]) -> Self {
        Self(upper.iter().zip(lower).map(|(upper, lower)| upper / lower).collect())
    }
}

/// Two columns: the median and the range.
impl fmt::Display for Ratios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((min, max), median) = (range(&self.0), median(&self.0));
        write!(f, "{median:.2} | {min:.2} – {max:.2}")
    }
}

/// A row of the report's table of ratios.
pub(crate) struct Ratio<'a> {
    pub(crate) name: &'a str,
    pub(crate) target: Target,
    pub(crate) ratios: Ratios,
}

/// What a ratio should be. A missed target is reported and fails nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    Unset,
}

impl fmt::Display for Ratio<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, target, ratios } = self;
        let median = median(&ratios.0);
        let (target, verdict) = match *target {
            Target::AtLeast(min) => (format!("≥ {min:.2}"), Some(median >= min)),
            Target::AtMost(max) => (format!("≤ {max:.2}"), Some(median <= max)),
            Target::Unset => ("–".to_owned(), None),
        };
        let verdict = verdict.map_or("", |is_met| if is_met { "met" } else { "NOT met" });
        writeln!(f, "| {name} | {ratios} | {target} | {verdict} |")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: Target, upper: &[f64], lower: &[f64]) -> String {
        Ratio { name: "a ÷ b", target, ratios: Ratios::new(upper, lower) }.to_string()
    }

    #[test]
    fn each_round_has_its_own_ratio() {
        let row = row(Target::AtLeast(3.0), &[30.0, 4.0, 60.0], &[10.0, 1.0, 10.0]);
        assert_eq!(row, "| a ÷ b | 4.00 | 3.00 – 6.00 | ≥ 3.00 | met |\n");
    }

    #[test]
    fn a_target_may_be_reached_and_not_missed() {
        assert!(row(Target::AtLeast(0.5), &[1.0], &[2.0]).contains("| met |"));
        assert!(row(Target::AtLeast(0.51), &[1.0], &[2.0]).contains("| NOT met |"));
        assert!(row(Target::AtMost(0.5), &[1.0], &[2.0]).contains("| met |"));
        assert!(row(Target::AtMost(0.49), &[1.0], &[2.0]).contains("| NOT met |"));
        assert!(row(Target::AtMost(1.0), &[], &[]).contains("| NOT met |"));
    }
}
