//! What two figures are to each other, and what they should be.

use std::fmt;

use crate::sample::{median, range};

/// A ratio. One of each round: what disturbs a round disturbs both its figures.
pub(crate) struct Ratio {
    name: &'static str,
    target: Target,
    values: Vec<f64>,
}

/// What a ratio should be. Nothing fails where it is not.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// It is told for what it is.
    Unset,
}

impl Ratio {
    /// Each of `upper` by the one of `lower` that was measured in the same round.
    pub(crate) fn new(name: &'static str, target: Target, upper: &[f64], lower: &[f64]) -> Self {
        let values = upper.iter().zip(lower).map(|(upper, lower)| upper / lower).collect();
        Self { name, target, values }
    }

    fn verdict(&self) -> &'static str {
        let value = median(&self.values);
        match self.target {
            Target::AtLeast(target) if value >= target => "met",
            Target::AtMost(target) if value <= target => "met",
            Target::AtLeast(_) | Target::AtMost(_) => "NOT met",
            Target::Unset => "",
        }
    }
}

/// A row of the report's table.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((least, most), value) = (range(&self.values), median(&self.values));
        write!(f, "| {} | {value:.2} | {least:.2} – {most:.2} | ", self.name)?;
        writeln!(f, "{} | {} |", self.target, self.verdict())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(target) => write!(f, "≥ {target:.2}"),
            Self::AtMost(target) => write!(f, "≤ {target:.2}"),
            Self::Unset => f.write_str("–"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: Target, upper: &[f64], lower: &[f64]) -> String {
        Ratio::new("a ÷ b", target, upper, lower).to_string()
    }

    #[test]
    fn rounds_are_set_against_themselves() {
        let row = row(Target::AtLeast(3.0), &[30.0, 4.0, 60.0], &[10.0, 1.0, 10.0]);
        assert_eq!(row, "| a ÷ b | 4.00 | 3.00 – 6.00 | ≥ 3.00 | met |\n");
    }

    #[test]
    fn a_target_may_be_reached_and_not_be_missed() {
        assert!(row(Target::AtLeast(0.5), &[1.0], &[2.0]).contains("| met |"));
        assert!(row(Target::AtLeast(0.51), &[1.0], &[2.0]).contains("| NOT met |"));
        assert!(row(Target::AtMost(0.5), &[1.0], &[2.0]).contains("| met |"));
        assert!(row(Target::AtMost(0.49), &[1.0], &[2.0]).contains("| NOT met |"));
        assert!(row(Target::AtMost(1.0), &[], &[]).contains("| NOT met |"));
    }
}
