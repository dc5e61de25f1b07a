//! The delimiter of a CSV file.

use std::cmp::Reverse;

use registration_domain::Delimiter;

use super::records::Records;

/// Records that are looked at.
const PROBED: usize = 20;

/// Where the first record begins, and the delimiter that the first line names for Excel (`sep=;`).
pub(super) fn named(text: &str) -> (usize, Option<Delimiter>) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    match line.strip_prefix("sep=").map(str::as_bytes) {
        Some([byte]) => {
            let delimiter = Delimiter::ALL.into_iter().find(|one| one.byte() == *byte);
            (line.len(), delimiter)
        }
        _ => (0, None),
    }
}

/// The delimiter by which most of the first records have the same number of cells, if that is more than one;
/// then the one with more cells.
pub(super) fn guess(text: &str, start: usize) -> Delimiter {
    let score = |delimiter: Delimiter| {
        let widths = Records::new(text, start, delimiter).widths(PROBED);
        let alike = |width: &usize| widths.iter().filter(|other| *other == width).count();
        widths
            .iter()
            .filter(|width| **width > 1)
            .map(|width| (alike(width), *width))
            .max()
            .unwrap_or_default()
    };
    // The first of equals.
    Delimiter::ALL
        .into_iter()
        .min_by_key(|delimiter| Reverse(score(*delimiter)))
        .unwrap_or(Delimiter::Comma)
}
