//! Text that a spreadsheet must not take for a formula.

use std::borrow::Cow;

/// With which a spreadsheet begins a formula, the full-width forms included, and what may come before it
/// (OWASP, "CSV Injection").
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The text with an apostrophe before what a spreadsheet would take for a formula. [`unguarded`] takes it
/// away again, from this text and from no other.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_taken_for_a_formula(text) { format!("'{text}").into() } else { text.into() }
}

/// The text without the apostrophe of [`guarded`].
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_taken_for_a_formula(rest) => rest,
        _ => text,
    }
}

/// Also behind apostrophes, so that one in the text is distinct from that of a guard.
fn is_taken_for_a_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(TRIGGERS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_is_guarded_and_other_text_is_not() {
        for formula in ["=1+1", "+39 02", "-x", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''+1"] {
            assert_eq!(guarded(formula), format!("'{formula}"), "{formula:?}");
        }
        for text in ["", "O’Neil", "'t Hart", "1E5", "007", "d=1", " =1"] {
            assert_eq!((&*guarded(text), unguarded(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn the_guard_is_taken_away_without_a_trace(text in "['=+@＝\\-a1 ]{0,6}") {
            let kept = guarded(&text);
            prop_assert_eq!(unguarded(&kept), &text);
            prop_assert!(!kept.starts_with(TRIGGERS));
        }
    }
}
