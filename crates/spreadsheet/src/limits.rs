//! What a file may have at most.

use registration_domain::{Cell, FileRow, Unreadable, UnreadableReason};

/// The bytes of a CSV file.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;
/// The bytes of a workbook, which is compressed.
pub const MAX_WORKBOOK_BYTES: usize = 20 * 1024 * 1024;
/// The rows that are not empty, without the headings.
pub const MAX_ROWS: usize = 100_000;
/// The columns with text in them.
pub const MAX_COLUMNS: usize = 100;
/// The bytes of a row's text, in UTF-8.
pub const MAX_ROW_BYTES: usize = 50_000;

/// A row that is being put together, within the limits.
pub(crate) struct RowBuilder {
    row: FileRow,
    bytes: usize,
}

impl RowBuilder {
    pub(crate) const fn new(line: u32) -> Self {
        Self { row: FileRow { line, cells: Vec::new() }, bytes: 0 }
    }

    /// Puts the cell into the column, counted from 0; skipped cells are empty. A cell without text is dropped
    /// where no column is.
    pub(crate) fn put(&mut self, column: usize, cell: Cell) -> Result<(), Unreadable> {
        if column >= MAX_COLUMNS {
            return if cell.text.trim().is_empty() {
                Ok(())
            } else {
                Err(at_line(UnreadableReason::TooManyColumns, self.row.line))
            };
        }
        self.bytes += cell.text.len();
        if self.bytes > MAX_ROW_BYTES {
            return Err(at_line(UnreadableReason::RowTooLong, self.row.line));
        }
        if column >= self.row.cells.len() {
            self.row.cells.resize_with(column + 1, Cell::default);
        }
        self.row.cells[column] = cell;
        Ok(())
    }

    /// The row, unless it is empty.
    pub(crate) fn finish(self) -> Option<FileRow> {
        (!self.row.is_empty()).then_some(self.row)
    }
}

pub(crate) fn at_line(reason: UnreadableReason, line: u32) -> Unreadable {
    Unreadable { line: Some(line), ..reason.into() }
}
