//! Reads the rows of CSV and XLSX files, for imports.
//!
//! What a file is follows from its bytes, never from its name. [`inspect`] guesses how it is read and shows
//! the first rows; [`inspect_as`] shows them as a person has chosen; [`read`] hands over every row, one at a
//! time.
//!
//! - `kind`: text, a workbook, or what cannot be read.
//! - `text`: encodings, delimiters and records of CSV.
//! - `workbook`: sheets, rows and cells of XLSX, and what it may unpack to.

mod kind;
mod limits;
mod preview;
mod text;
mod workbook;

use registration_domain::{FileRow, Reading, Unreadable, UnreadableReason};

use self::{kind::Kind, limits::at_line, text::CsvFile, workbook::Workbook};
pub use self::{
    limits::{MAX_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MAX_ROWS, MAX_WORKBOOK_BYTES},
    preview::Inspection,
    text::ENCODINGS,
};

/// Guesses how the file is read, and reads its first rows so.
///
/// # Errors
///
/// Why the file cannot be read, and where.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Unreadable> {
    match kind::of(bytes)? {
        Kind::Text => text::inspect(&CsvFile::guess(bytes)?, None),
        Kind::Workbook => workbook::inspect(&mut Workbook::open(bytes)?, None, None),
    }
}

/// Reads the first rows of the file with settings that a person has chosen. A sheet that the workbook does
/// not have is replaced by its first one, and settings for another kind of file by guesses.
///
/// # Errors
///
/// Why the file cannot be read so, and where.
pub fn inspect_as(bytes: &[u8], reading: &Reading) -> Result<Inspection, Unreadable> {
    match (kind::of(bytes)?, reading) {
        (Kind::Text, Reading::Csv { encoding, delimiter, has_header }) => {
            text::inspect(&CsvFile::open(bytes, encoding, *delimiter)?, Some(*has_header))
        }
        (Kind::Workbook, Reading::Xlsx { sheet, has_header }) => {
            workbook::inspect(&mut Workbook::open(bytes)?, Some(sheet), Some(*has_header))
        }
        _ => inspect(bytes),
    }
}

/// Calls `each` with every row that is not empty, in order and without the headings, until it fails.
///
/// Rows are read one at a time. Beyond the file, the memory holds one row, the decoded text of a file that is
/// not UTF-8, and the shared strings of a workbook.
///
/// # Errors
///
/// Outside, why the file cannot be read, and where; inside, the error of `each`. Rows before the place were
/// handed over.
pub fn read<E>(
    bytes: &[u8],
    reading: &Reading,
    each: impl FnMut(FileRow) -> Result<(), E>,
) -> Result<Result<(), E>, Unreadable> {
    match (kind::of(bytes)?, reading) {
        (Kind::Text, Reading::Csv { encoding, delimiter, has_header }) => {
            let file = CsvFile::open(bytes, encoding, *delimiter)?;
            hand_over(file.records(), *has_header, each)
        }
        (Kind::Workbook, Reading::Xlsx { sheet, has_header }) => {
            let mut workbook = Workbook::open(bytes)?;
            let sheet = workbook.sheet(sheet)?;
            hand_over(workbook.rows(&sheet)?, *has_header, each)
        }
        _ => read(bytes, &inspect(bytes)?.reading, each),
    }
}

fn hand_over<E>(
    rows: impl Iterator<Item = Result<FileRow, Unreadable>>,
    has_header: bool,
    mut each: impl FnMut(FileRow) -> Result<(), E>,
) -> Result<Result<(), E>, Unreadable> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Err(UnreadableReason::Empty.into());
    }
    let mut total = 0;
    for (number, row) in rows.enumerate() {
        let row = row?;
        // Shared strings make long rows of short ones.
        total += row.cells.iter().map(|cell| cell.text.len()).sum::<usize>();
        if total > MAX_BYTES {
            return Err(at_line(UnreadableReason::TooLarge, row.line));
        }
        if number == 0 && has_header {
            continue;
        }
        if number >= MAX_ROWS + usize::from(has_header) {
            return Err(at_line(UnreadableReason::TooManyRows, row.line));
        }
        if let Err(error) = each(row) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}
