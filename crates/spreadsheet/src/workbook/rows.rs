//! The rows of a sheet.

use calamine::XlsxCellReader;
use registration_domain::{Cell, FileRow, Unreadable, UnreadableReason};

use super::{cell, guard::calamine, source::Source};
use crate::limits::{RowBuilder, at_line};

/// The last row of a sheet.
const MAX_LINE: u32 = 1_048_576;

/// A cell, and where it is: its row from 1, and its column from 0.
struct Placed {
    line: u32,
    column: usize,
    cell: Cell,
}

/// The rows of a sheet that are not empty.
pub(crate) struct SheetRows<'a, 'b> {
    cells: XlsxCellReader<'a, Source<'b>>,
    /// The first cell of the next row.
    next: Option<Placed>,
    /// Whether the sheet has ended, behind which calamine fails, or cannot be read on.
    has_ended: bool,
}

impl<'a, 'b> SheetRows<'a, 'b> {
    pub(super) const fn new(cells: XlsxCellReader<'a, Source<'b>>) -> Self {
        Self { cells, next: None, has_ended: false }
    }

    /// The next cell that has text, or should have.
    fn cell(&mut self) -> Result<Option<Placed>, Unreadable> {
        while !self.has_ended {
            let record = calamine(|| self.cells.next_cell_with_formula_metadata())?;
            let Some(record) = record else {
                self.has_ended = true;
                break;
            };
            let cell = cell::shown(&record.value, record.formula.is_some());
            if !cell.text.trim().is_empty() || cell.doubt.is_some() {
                let (line, column) = (record.pos.0.saturating_add(1), record.pos.1 as usize);
                return Ok(Some(Placed { line, column, cell }));
            }
        }
        Ok(None)
    }

    /// The next row with such a cell.
    fn row(&mut self) -> Result<Option<RowBuilder>, Unreadable> {
        let mut next = match self.next.take() {
            Some(next) => Some(next),
            None => self.cell()?,
        };
        let Some(line) = next.as_ref().map(|cell| cell.line) else { return Ok(None) };
        let (mut row, mut last) = (RowBuilder::new(line), None);
        while let Some(placed) = next {
            // Each row and each cell comes once, in order: of two with one place, one would be lost.
            let is_behind = placed.line > line || last.is_none_or(|last| placed.column > last);
            if placed.line < line || line > MAX_LINE || !is_behind {
                return Err(at_line(UnreadableReason::Damaged, placed.line));
            }
            if placed.line > line {
                self.next = Some(placed);
                break;
            }
            last = Some(placed.column);
            row.put(placed.column, placed.cell)?;
            next = self.cell()?;
        }
        Ok(Some(row))
    }
}

impl Iterator for SheetRows<'_, '_> {
    type Item = Result<FileRow, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.row() {
                Ok(None) => return None,
                Ok(Some(row)) => {
                    if let Some(row) = row.finish() {
                        return Some(Ok(row));
                    }
                }
                Err(error) => {
                    (self.has_ended, self.next) = (true, None);
                    return Some(Err(error));
                }
            }
        }
    }
}
