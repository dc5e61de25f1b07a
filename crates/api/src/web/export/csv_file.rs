//! CSV (RFC 4180), in UTF-8.

use bytes::Bytes;
use csv::{Terminator, Writer, WriterBuilder};
use registration_application::desk::exports::ExportedStudent;
use registration_domain::guarded;

use super::{
    Cell, Column,
    file::{Failure, File, Style},
};
use crate::web::time::rfc3339;

/// A CSV file.
pub(crate) struct CsvFile {
    style: Style,
    has_begun: bool,
}

impl CsvFile {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, has_begun: false }
    }

    fn headings(&self, writer: &mut Writer<Vec<u8>>) -> csv::Result<()> {
        let heading = |column: &Column| match self.style.text {
            Some(text) => column.heading(text),
            None => column.as_str(),
        };
        writer.write_record(self.style.columns.iter().map(heading))
    }

    fn row(&self, writer: &mut Writer<Vec<u8>>, student: &ExportedStudent) -> csv::Result<()> {
        for column in &self.style.columns {
            let is_typed = !matches!(column, Column::Id | Column::RegistrationNumber);
            let text = match column.cell(student, self.style.text) {
                Cell::Text(text) if self.style.is_guarded && is_typed => guarded(&text),
                Cell::Text(text) => text,
                Cell::Number(number) => number.to_string(),
                Cell::Time(None) => String::new(),
                // Without the fraction, which Excel does not take for a time.
                Cell::Time(Some(at)) if self.style.text.is_some() => {
                    at.format("%Y-%m-%d %H:%M:%S").to_string()
                }
                Cell::Time(Some(at)) => rfc3339(at),
            };
            writer.write_field(text)?;
        }
        writer.write_record(None::<&[u8]>)
    }
}

impl File for CsvFile {
    fn write(
        &mut self,
        students: Option<&[ExportedStudent]>,
        send: &mut dyn FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let not_written = |error: csv::Error| Failure::NotWritten(error.into());
        let mut part = Vec::new();
        if !self.has_begun && self.style.text.is_some() {
            // Excel takes a file without a mark for one in an older encoding.
            part.extend("\u{FEFF}".as_bytes());
        }
        let mut writer = WriterBuilder::new()
            .delimiter(self.style.delimiter)
            .terminator(Terminator::CRLF)
            .from_writer(part);
        if !self.has_begun {
            self.headings(&mut writer).map_err(not_written)?;
            self.has_begun = true;
        }
        for student in students.unwrap_or_default() {
            self.row(&mut writer, student).map_err(not_written)?;
        }
        let part = writer.into_inner().map_err(|error| Failure::NotWritten(error.into()))?;
        if part.is_empty() { Ok(()) } else { send(part.into()) }
    }
}
