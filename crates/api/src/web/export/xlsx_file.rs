//! XLSX (ECMA-376): text is text, and times are times. It is written to a temporary file, whose end a
//! reader needs first.

use std::{
    io::{Read as _, Seek as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use bytes::Bytes;
use registration_application::desk::exports::ExportedStudent;
use registration_domain::kept;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{
    Cell, Column,
    file::{Failure, File, Style},
};

/// Students of a worksheet, behind the headings.
const MAX_STUDENTS: u32 = 1_048_575;
/// What is sent at once.
const PART: usize = 64 * 1024;
/// Column widths, in characters: of most, and of ids and addresses.
const WIDTHS: (f64, f64) = (18.0, 38.0);

/// An XLSX file.
pub(crate) struct XlsxFile {
    style: Style,
    workbook: Workbook,
    time: Format,
    rows: u32,
    most: u32,
}

impl XlsxFile {
    pub(crate) fn new(style: Style) -> Self {
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        Self { style, workbook: Workbook::new(), time, rows: 0, most: MAX_STUDENTS }
    }

    /// Adds the worksheet with its headings, which stay in sight.
    fn begin(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        let bold = Format::new().set_bold();
        for (number, column) in (0..).zip(&self.style.columns) {
            let is_wide = matches!(column, Column::Id | Column::Email);
            sheet.set_column_width(number, if is_wide { WIDTHS.1 } else { WIDTHS.0 })?;
            let heading = self.style.text.map_or(column.as_str(), |text| column.heading(text));
            sheet.write_string_with_format(0, number, heading, &bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }

    fn add(&mut self, student: &ExportedStudent) -> Result<(), XlsxError> {
        self.rows += 1;
        let (row, time) = (self.rows, &self.time);
        let sheet: &mut Worksheet = self.workbook.worksheet_from_index(0)?;
        for (number, column) in (0..).zip(&self.style.columns) {
            match column.cell(student, self.style.text) {
                Cell::Text(text) => sheet.write_string(row, number, kept(text))?,
                Cell::Number(value) => sheet.write_number(row, number, value as f64)?,
                Cell::Time(None) => sheet,
                Cell::Time(Some(at)) => {
                    sheet.write_datetime_with_format(row, number, at.naive_utc(), time)?
                }
            };
        }
        Ok(())
    }

    /// Sends the file, part by part.
    fn send(&mut self, send: &mut dyn FnMut(Bytes) -> Result<(), Failure>) -> Result<(), Failure> {
        let not_written = |error: std::io::Error| Failure::NotWritten(error.into());
        let mut file = tempfile::tempfile().map_err(not_written)?;
        self.workbook.save_to_writer(&mut file).map_err(|e| Failure::NotWritten(e.into()))?;
        file.rewind().map_err(not_written)?;
        loop {
            let mut part = Vec::with_capacity(PART);
            file.by_ref().take(PART as u64).read_to_end(&mut part).map_err(not_written)?;
            if part.is_empty() {
                return Ok(());
            }
            send(part.into())?;
        }
    }
}

impl XlsxFile {
    fn write_page(
        &mut self,
        students: Option<&[ExportedStudent]>,
        send: &mut dyn FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let not_written = |error: XlsxError| Failure::NotWritten(error.into());
        if self.workbook.worksheets().is_empty() {
            self.begin().map_err(not_written)?;
        }
        let Some(students) = students else { return self.send(send) };
        if self.rows as usize + students.len() > self.most as usize {
            return Err(Failure::TooManyRows);
        }
        students.iter().try_for_each(|student| self.add(student)).map_err(not_written)
    }
}

impl File for XlsxFile {
    fn write(
        &mut self,
        students: Option<&[ExportedStudent]>,
        send: &mut dyn FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // The library panics where the disk is full.
        let written = catch_unwind(AssertUnwindSafe(|| self.write_page(students, send)));
        written.unwrap_or_else(|_| Err(Failure::NotWritten("it panicked".into())))
    }
}

#[cfg(test)]
mod tests {
    use registration_domain::{
        Applicant, ApplicantForm, Origin, RawField, Student, StudentId, StudentRecord, TaskCount,
    };

    use super::*;

    #[test]
    fn a_worksheet_has_room_for_its_rows_alone() {
        let style =
            Style { columns: vec![Column::Id], text: None, is_guarded: true, delimiter: b',' };
        let mut file = XlsxFile { most: 0, ..XlsxFile::new(style) };
        assert!(file.write(Some(&[]), &mut |_| Ok(())).is_ok());
        let applicant = Applicant::parse(&ApplicantForm {
            first_name: RawField::from("Zoë"),
            last_name: RawField::from("Brontë"),
            email: RawField::from("zoe@example.org"),
        });
        let now = chrono::DateTime::UNIX_EPOCH;
        let student = Student::new(StudentId::new(now, [1; 10]), applicant.unwrap(), now);
        let record = StudentRecord::new(&student, Origin::default());
        let one = [ExportedStudent { record, tasks: TaskCount::default() }];
        let refused = file.write(Some(&one), &mut |_| Ok(()));
        assert!(matches!(refused, Err(Failure::TooManyRows)));
    }
}
