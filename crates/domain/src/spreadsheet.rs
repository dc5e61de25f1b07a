//! Text that a spreadsheet must not take for a formula.

/// With which a spreadsheet begins a formula, the full-width forms included, and what may come before it
/// (OWASP, "CSV Injection").
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// What may separate cells: a spreadsheet takes the separator from its user's settings, not from the file.
/// With another one it reads quotes as text, and finds cells inside of a cell.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];

/// The text with an apostrophe before everything that a spreadsheet would take for a formula, at its
/// beginning and behind each separator. [`unguarded`] takes them away again.
#[must_use]
pub fn guarded(text: &str) -> String {
    let guard = |cell| if is_taken_for_a_formula(cell) { "'" } else { "" };
    text.split_inclusive(SEPARATORS).flat_map(|cell| [guard(cell), cell]).collect()
}

/// The text without the apostrophes of [`guarded`].
#[must_use]
pub fn unguarded(text: &str) -> String {
    let cells = text.split_inclusive(SEPARATORS).map(|cell| match cell.strip_prefix('\'') {
        Some(rest) if is_taken_for_a_formula(rest) => rest,
        _ => cell,
    });
    cells.collect()
}

/// Also behind apostrophes, so that one in the text is distinct from that of a guard, and behind quotes,
/// which may end before they begin.
fn is_taken_for_a_formula(cell: &str) -> bool {
    cell.trim_start_matches(['\'', '"']).starts_with(TRIGGERS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_is_guarded_and_other_text_is_not() {
        for formula in ["=1+1", "+39 02", "-x", "@SUM(A1)", "＝1", "'=1", "''+1", "\"=1", "\t1"] {
            assert_eq!(guarded(formula), format!("'{formula}"), "{formula:?}");
            for separator in SEPARATORS {
                let (inside, safe) =
                    (format!("x{separator}{formula}"), format!("x{separator}'{formula}"));
                assert_eq!(guarded(&inside), safe, "{inside:?}");
            }
        }
        for text in ["", "O’Neil", "'t Hart", "1E5", "007", "d=1", " =1", "Smith, -1", "a;b"] {
            assert_eq!((&*guarded(text), &*unguarded(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn the_guard_is_taken_away_without_a_trace(text in "['\"=+＝\\-a ,;|\t\r\n]{0,8}") {
            let safe = guarded(&text);
            prop_assert_eq!(unguarded(&safe), text);
            for cell in safe.split(SEPARATORS) {
                prop_assert!(!cell.trim_start_matches('"').starts_with(TRIGGERS), "{safe:?}");
            }
        }
    }
}
