//! The first rows of a file.

use registration_domain::{FileRow, Reading, Unreadable, UnreadableReason, has_header};

/// Rows that are shown, behind the headings.
const SHOWN: usize = 5;

/// What a file looks like, before anything is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// How it is read: the best guess, or what was chosen.
    pub reading: Reading,
    /// Whether the encoding is known. It is not where it was guessed from the frequency of letters: then a
    /// person must confirm it.
    pub is_certain: bool,
    /// The sheets to choose from, in order: the visible ones with a cell, or the hidden ones where no visible
    /// one has any. Empty for CSV.
    pub sheets: Vec<String>,
    /// The row of headings.
    pub header: Option<FileRow>,
    /// The first five rows behind it that are not empty.
    pub rows: Vec<FileRow>,
}

/// The headings of a file and its first rows.
pub(crate) struct Preview {
    pub(crate) header: Option<FileRow>,
    pub(crate) rows: Vec<FileRow>,
}

impl Preview {
    /// Reads it. Whether the first row holds headings is guessed where it was not chosen.
    pub(crate) fn read(
        rows: impl Iterator<Item = Result<FileRow, Unreadable>>,
        chosen: Option<bool>,
    ) -> Result<Self, Unreadable> {
        let mut rows: Vec<FileRow> = rows.take(SHOWN + 1).collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return Err(UnreadableReason::Empty.into());
        }
        let header = chosen.unwrap_or_else(|| has_header(&rows)).then(|| rows.remove(0));
        rows.truncate(SHOWN);
        Ok(Self { header, rows })
    }
}
