//! The records of a CSV file.

use std::{iter, str};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use registration_domain::{Cell, Delimiter, FileRow, Unreadable, UnreadableReason, unguarded};

use super::place::line_ends;
use crate::limits::{MAX_ROW_BYTES, RowBuilder, at_line};

/// The records of a text that are not empty. Its memory is that of one record: csv-core writes into buffers
/// of a fixed size, where csv's would grow with a record.
pub(crate) struct Records<'a> {
    parser: Reader,
    text: &'a [u8],
    /// How far the text was read.
    at: usize,
    /// How far its lines were counted, and the number of the line there, from 1.
    counted: (usize, u32),
    /// The cells of the record without their quotes, one behind the other. A byte longer than a record may
    /// be, because a full buffer does not say whether the record goes on.
    cells: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    has_failed: bool,
}

impl<'a> Records<'a> {
    /// The records behind the position.
    pub(super) fn new(text: &'a str, start: usize, delimiter: Delimiter) -> Self {
        Self {
            parser: ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            text: text.as_bytes(),
            at: start,
            counted: (0, 1),
            cells: vec![0; MAX_ROW_BYTES + 1],
            ends: vec![0; MAX_ROW_BYTES + 1],
            has_failed: false,
        }
    }

    /// How many cells each of the first records has, also if it is empty.
    pub(super) fn widths(mut self, records: usize) -> Vec<usize> {
        let widths = iter::from_fn(|| self.record().ok().flatten().map(|(_, cells)| cells));
        widths.take(records).collect()
    }

    /// The next record, also if it is empty: its line, and how many cells it has.
    fn record(&mut self) -> Result<Option<(u32, usize)>, Unreadable> {
        while matches!(self.text.get(self.at), Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let (counted, line) = self.counted;
        let line = line + line_ends(&self.text[counted..self.at]);
        self.counted = (self.at, line);
        let (mut bytes, mut cells, mut is_too_long) = (0, 0, false);
        loop {
            // A line end behind the last record: inside of quotes it does not end the record.
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty());
            let (result, read, written, ended) = self.parser.read_record(
                rest.unwrap_or(b"\n"),
                &mut self.cells[bytes..],
                &mut self.ends[cells..],
            );
            (bytes, cells) = (bytes + written, cells + ended);
            match (result, rest) {
                (ReadRecordResult::InputEmpty, None) => {
                    return Err(at_line(UnreadableReason::UnclosedQuote, line));
                }
                (ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull, _) => {
                    // The rest is read all the same: it may be long because a quote is not closed.
                    (bytes, cells, is_too_long) = (0, 0, true);
                }
                (ReadRecordResult::Record | ReadRecordResult::End, _) if is_too_long => {
                    return Err(at_line(UnreadableReason::RowTooLong, line));
                }
                (ReadRecordResult::Record | ReadRecordResult::End, _) => {
                    self.at += rest.map_or(0, |_| read);
                    return Ok(Some((line, cells)));
                }
                (ReadRecordResult::InputEmpty, Some(_)) => {}
            }
            self.at += read;
        }
    }

    fn row(&mut self) -> Result<Option<FileRow>, Unreadable> {
        while let Some((line, cells)) = self.record()? {
            let mut row = RowBuilder::new(line);
            let mut start = 0;
            for (column, end) in self.ends[..cells].iter().enumerate() {
                // The text is UTF-8, and csv-core cuts it at ASCII characters alone.
                let text = str::from_utf8(&self.cells[start..*end]).unwrap_or_default();
                row.put(column, Cell { text: unguarded(text), doubt: None })?;
                start = *end;
            }
            if let Some(row) = row.finish() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }
}

impl Iterator for Records<'_> {
    type Item = Result<FileRow, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let row = self.row().transpose();
        self.has_failed = matches!(row, Some(Err(_)));
        row
    }
}
