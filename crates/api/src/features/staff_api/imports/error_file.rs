//! The rows that are left out, as CSV: the line, what is wrong, and their cells. It uploads again as it is.

use csv::{Terminator, Writer, WriterBuilder};
use registration_domain::{ImportColumn, PlannedRow, guarded};

use crate::{
    i18n::Messages,
    web::{export::import_heading, locale::RequestLocale, problem::Problem},
};

/// The file while it is written.
pub(super) struct ErrorFile {
    writer: Writer<Vec<u8>>,
    messages: &'static Messages,
}

impl ErrorFile {
    /// Begins with the headings of these columns.
    pub(super) fn begin(
        columns: &[Option<ImportColumn>],
        locale: RequestLocale,
    ) -> Result<Self, Problem> {
        let messages = locale.messages();
        let text = &messages.desk;
        // Excel takes a file without a mark for one in an older encoding.
        let mut writer = WriterBuilder::new()
            .delimiter(text.export.delimiter)
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer("\u{FEFF}".as_bytes().to_vec());
        let columns =
            columns.iter().map(|column| column.map_or("", |one| import_heading(one, text)));
        let headings = [text.imports.line, text.imports.why].into_iter().chain(columns);
        writer.write_record(headings).map_err(Problem::unexpected)?;
        Ok(Self { writer, messages })
    }

    pub(super) fn add(&mut self, planned: &PlannedRow) -> Result<(), Problem> {
        let why = self.messages.desk.imports.why_left_out(planned, self.messages);
        let cells = planned.row.cells.iter().map(|cell| guarded(&cell.text));
        let row = [planned.row.line.to_string(), guarded(&why)].into_iter().chain(cells);
        self.writer.write_record(row).map_err(Problem::unexpected)
    }

    pub(super) fn end(self) -> Result<Vec<u8>, Problem> {
        self.writer.into_inner().map_err(|error| Problem::unexpected(error.to_string()))
    }
}
