//! Students as a file: what its columns are, and how it is written.

mod csv_file;
mod file;
mod xlsx_file;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use registration_application::desk::exports::ExportedStudent;
use registration_domain::{Field, ImportColumn};

pub(crate) use self::{
    csv_file::CsvFile,
    file::{Failure, File, Style},
    xlsx_file::XlsxFile,
};
use crate::i18n::desk::DeskMessages;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    Version,
    RegistrationNumber,
    FirstName,
    LastName,
    Email,
    Status,
    Source,
    CreatedAt,
    UpdatedAt,
    TasksOpen,
    TasksDone,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(usize),
    Time(Option<DateTime<Utc>>),
}

impl Column {
    /// Every column, in the order of the file.
    pub(crate) const ALL: [Self; 12] = [
        Self::Id,
        Self::Version,
        Self::RegistrationNumber,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Status,
        Self::Source,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::TasksOpen,
        Self::TasksDone,
    ];

    /// The name in addresses, and the heading for programs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Version => "version",
            Self::RegistrationNumber => "registration_number",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Status => "status",
            Self::Source => "source",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::TasksOpen => "tasks_open",
            Self::TasksDone => "tasks_done",
        }
    }

    /// The heading for people.
    pub(crate) const fn heading(self, text: &DeskMessages) -> &'static str {
        let export = &text.export;
        match self {
            Self::Id => export.id,
            Self::Version => text.student.version,
            Self::RegistrationNumber => text.student.number,
            Self::FirstName => export.first_name,
            Self::LastName => export.last_name,
            Self::Email => text.list.email,
            Self::Status => text.statuses.label,
            Self::Source => text.sources.label,
            Self::CreatedAt => export.registered,
            Self::UpdatedAt => export.changed,
            Self::TasksOpen => export.tasks_open,
            Self::TasksDone => export.tasks_done,
        }
    }

    /// What a student has in it: codes, or with `text` the words for people.
    pub(crate) fn cell(self, student: &ExportedStudent, text: Option<&DeskMessages>) -> Cell {
        let ExportedStudent { record, tasks } = student;
        let (status, source) = (record.status, record.origin.source);
        let words = |code: &str, words: Option<&str>| Cell::Text(words.unwrap_or(code).to_owned());
        match self {
            Self::Id => Cell::Text(record.id.to_string()),
            Self::Version => Cell::Number(record.version.get() as usize),
            Self::RegistrationNumber => Cell::Text(record.id.registration_number()),
            Self::FirstName => Cell::Text(record.texts.first_name.clone()),
            Self::LastName => Cell::Text(record.texts.last_name.clone()),
            Self::Email => Cell::Text(record.texts.email.clone()),
            Self::Status => words(status.as_str(), text.map(|text| text.statuses.of(status))),
            Self::Source => words(source.as_str(), text.map(|text| text.sources.of(source))),
            Self::CreatedAt => Cell::Time(Some(record.created_at)),
            Self::UpdatedAt => Cell::Time(record.updated_at),
            Self::TasksOpen => Cell::Number(tasks.open),
            Self::TasksDone => Cell::Number(tasks.done),
        }
    }
}

/// The heading of a column of an import, as an export writes it.
pub(crate) const fn import_heading(column: ImportColumn, text: &DeskMessages) -> &'static str {
    match column {
        ImportColumn::Id => Column::Id.heading(text),
        ImportColumn::Version => Column::Version.heading(text),
        ImportColumn::Field(Field::FirstName) => Column::FirstName.heading(text),
        ImportColumn::Field(Field::LastName) => Column::LastName.heading(text),
        ImportColumn::Field(Field::Email) => Column::Email.heading(text),
        ImportColumn::Status => Column::Status.heading(text),
    }
}

impl FromStr for Column {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|column| column.as_str() == name).ok_or(())
    }
}
