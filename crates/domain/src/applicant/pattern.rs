//! Compiles the rules that are regular expressions.

use regex::Regex;

/// Compiles a constant pattern.
#[expect(clippy::expect_used, reason = "rules are constants, and tests compile each")]
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}
