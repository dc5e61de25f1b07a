//! A row of a file, as it was read.

use std::fmt;

/// Why the text of a cell may not be what was typed into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// A number: leading zeros are lost, and long ones are rounded.
    Number,
    /// A date, into which a spreadsheet turns what looks like one.
    Date,
    /// The result of a formula, as it was when the file was saved.
    Formula,
    /// An error such as `#REF!`.
    Error,
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 4] = [Self::Number, Self::Date, Self::Formula, Self::Error];
}

/// A cell. In a file without types every cell is text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text that a spreadsheet shows.
    pub text: String,
    /// Why it may be wrong.
    pub doubt: Option<Doubt>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), doubt: None }
    }
}

impl fmt::Debug for Cell {
    /// Shows the shape, never the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} chars, {:?}]", self.text.chars().count(), self.doubt)
    }
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Where it begins: the line of the file, or the row of the sheet, from 1.
    pub line: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
}

impl FileRow {
    /// Whether every cell is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.trim().is_empty())
    }
}
