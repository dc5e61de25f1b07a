//! Text that a spreadsheet must not take for a formula.

/// With which a spreadsheet begins a formula, the full-width forms included, and what may come before it
/// (OWASP, "CSV Injection").
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Truth values in the languages of the office.
const TRUTHS: [&str; 4] = ["true", "false", "vero", "falso"];

/// What may separate cells: a spreadsheet takes the separator from its user's settings, not from the file.
/// With another one it reads quotes as text, and finds cells inside of a cell.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];

/// The text with an apostrophe before everything that a spreadsheet would take for a formula, at its
/// beginning and behind each separator, and before a text that it would take for a value. [`unguarded`] takes them away again.
#[must_use]
pub fn guarded(text: &str) -> String {
    let is_value = is_taken_for_a_value(text);
    let cells = text.split_inclusive(SEPARATORS).enumerate().flat_map(|(number, cell)| {
        let is_at_risk = is_taken_for_a_formula(cell) || (number == 0 && is_value);
        [if is_at_risk { "'" } else { "" }, cell]
    });
    cells.collect()
}

/// The text for a cell of a worksheet, where text is never a formula: guarded where [`unguarded`] would
/// take away what is the text's own.
#[must_use]
pub fn kept(text: String) -> String {
    if unguarded(&text) == text { text } else { guarded(&text) }
}

/// The text without the apostrophes of [`guarded`].
#[must_use]
pub fn unguarded(text: &str) -> String {
    let is_value = text.strip_prefix('\'').is_some_and(is_taken_for_a_value);
    let cells = text.split_inclusive(SEPARATORS).enumerate().map(|(number, cell)| {
        match cell.strip_prefix('\'') {
            Some(rest) if is_taken_for_a_formula(rest) || (number == 0 && is_value) => rest,
            _ => cell,
        }
    });
    cells.collect()
}

/// Also behind apostrophes, so that one in the text is distinct from that of a guard, and behind quotes,
/// which may end before they begin.
fn is_taken_for_a_formula(cell: &str) -> bool {
    cell.trim_start_matches(['\'', '"']).starts_with(TRIGGERS)
}

/// A number such as `1E5`, a date such as `Mar 5` or `SEPT1`, each of digits and one word; or a truth value.
/// Without a word it is no name. Also behind apostrophes, as for a formula.
fn is_taken_for_a_value(text: &str) -> bool {
    let text = text.trim_start_matches('\'').trim();
    let is_part = |c: char| c.is_alphanumeric() || " .:/+-".contains(c);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count();
    let is_value = words == 1 && text.contains(char::is_numeric) && text.chars().all(is_part);
    is_value || TRUTHS.iter().any(|truth| text.eq_ignore_ascii_case(truth))
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
        for text in [
            "",
            "O’Neil",
            "'t Hart",
            "1234-5678-9012",
            "007",
            "d=1",
            " =1",
            "Smith, -1",
            "a;b",
            "n1@example.org",
            "01a222aa-fbd4-779b-a173-96ffc01a6b6f",
            "waitlisted",
            "Trueman",
        ] {
            assert_eq!((&*guarded(text), &*unguarded(text)), (text, text));
        }
    }

    #[test]
    fn a_value_is_guarded_as_a_whole() {
        for value in [
            "1E5",
            "2e-3",
            "SEPT1",
            "Mar 5",
            "1 Jan 2026",
            "12:30 PM",
            "True",
            "FALSE",
            "Vero",
            "'1E5",
        ] {
            assert_eq!(guarded(value), format!("'{value}"), "{value:?}");
        }
        for text in ["x,1E5", "1E5|x", "' 1E5 x"] {
            assert_eq!((&*guarded(text), &*unguarded(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn the_guard_is_taken_away_without_a_trace(text in "['\"=+＝\\-a1 ,;|\t\r\n]{0,8}") {
            let safe = guarded(&text);
            prop_assert_eq!(&unguarded(&safe), &text);
            prop_assert_eq!(unguarded(&kept(text.clone())), text);
            prop_assert!(safe.starts_with('\'') || !is_taken_for_a_value(&safe), "{safe:?}");
            for cell in safe.split(SEPARATORS) {
                prop_assert!(!cell.trim_start_matches('"').starts_with(TRIGGERS), "{safe:?}");
            }
        }
    }
}
