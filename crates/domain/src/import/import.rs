//! An import: a file, how it is read, and how far it has come.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ImportColumn, Reading, Unreadable};
use crate::{Actor, Field, OperationId, TraceId, student::UnknownName};

/// An import. What it has changed is undone as an operation with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: OperationId,
    /// Who uploaded the file.
    pub actor: Actor,
    /// The name of the file, for people.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// How it is read and what is done with it.
    pub settings: ImportSettings,
    /// One more with each change of the settings: what was planned for others is given up.
    pub revision: u32,
    /// How far it has come.
    pub state: ImportState,
    /// Why it failed.
    pub problem: Option<Unreadable>,
    /// Rows up to this line are stored.
    pub stored_line: u32,
    /// How many students it has created.
    pub created: usize,
    /// How many it has changed.
    pub updated: usize,
    /// When the file was uploaded.
    pub at: DateTime<Utc>,
    /// The trace of the request that uploaded it.
    pub trace_id: Option<TraceId>,
    /// When it came to its end.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Import {
    /// Longest file name that is kept, in code points.
    pub const MAX_FILE_NAME: usize = 200;

    /// Most rows that are stored by one transaction, so that all are or none is.
    pub const MAX_ATOMIC: usize = 1_000;

    /// Whether its rows are being stored, or were.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        let has_effect = self.created + self.updated > 0;
        has_effect || matches!(self.state, ImportState::Running | ImportState::Done)
    }

    /// How long an import and its rows are kept.
    pub const LIFETIME: TimeDelta = TimeDelta::days(30);
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportState {
    /// Its rows are being planned.
    Reading,
    /// Someone has to say how the file is read.
    NeedsMapping,
    /// Every row has a plan.
    Planned,
    /// Its rows are being stored.
    Running,
    /// They are.
    Done,
    /// The file cannot be read.
    Failed,
    /// It was given up.
    Cancelled,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Reading,
        Self::NeedsMapping,
        Self::Planned,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::NeedsMapping => "needs_mapping",
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the settings can be changed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Reading | Self::NeedsMapping | Self::Planned | Self::Failed)
    }

    /// Whether rows are being planned or stored.
    #[must_use]
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Reading | Self::Running)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

impl FromStr for ImportState {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or(UnknownName)
    }
}

/// How a file is read, and what is done with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSettings {
    /// How it is read.
    pub reading: Reading,
    /// What each column is; `None` is left out.
    pub columns: Vec<Option<ImportColumn>>,
    /// What is done with the rows.
    pub choices: ImportChoices,
}

/// What is done with the rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportChoices {
    /// Students who exist get the values of the file.
    pub update_existing: bool,
    /// Also those who were changed after the file was exported.
    pub overwrite_changed: bool,
    /// Every row is stored, or none.
    pub all_or_nothing: bool,
}

/// Why settings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Two columns are the same.
    #[error("two columns are {0}")]
    Twice(ImportColumn),
    /// A name is too long, or there are too many columns.
    #[error("the settings are too long")]
    TooLong,
    /// Students can be told apart neither by address nor by id.
    #[error("no column is email or id")]
    NoKey,
}

impl ImportSettings {
    /// Longest name of an encoding or a sheet, in code points.
    pub const MAX_NAME: usize = 100;

    /// Most columns.
    pub const MAX_COLUMNS: usize = 100;

    /// Checks the columns.
    ///
    /// # Errors
    ///
    /// Rows cannot be read with them.
    pub fn check(&self) -> Result<(), SettingsError> {
        let name = match &self.reading {
            Reading::Csv { encoding, .. } => encoding,
            Reading::Xlsx { sheet, .. } => sheet,
        };
        if name.chars().count() > Self::MAX_NAME || self.columns.len() > Self::MAX_COLUMNS {
            return Err(SettingsError::TooLong);
        }
        for (position, column) in self.columns.iter().enumerate() {
            if let Some(column) = column
                && self.columns[..position].contains(&Some(*column))
            {
                return Err(SettingsError::Twice(*column));
            }
        }
        let has_key = self.has(ImportColumn::Field(Field::Email)) || self.has(ImportColumn::Id);
        if has_key { Ok(()) } else { Err(SettingsError::NoKey) }
    }

    /// Whether students can be created: every field of the form has a column.
    #[must_use]
    pub fn has_all_fields(&self) -> bool {
        Field::ALL.into_iter().all(|field| self.has(ImportColumn::Field(field)))
    }

    /// Whether this column is in the file.
    #[must_use]
    pub fn has(&self, column: ImportColumn) -> bool {
        self.columns.contains(&Some(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_distinct_and_tell_students_apart() {
        let check = |columns: &[Option<ImportColumn>]| {
            let reading = Reading::Xlsx { sheet: "1".into(), has_header: true };
            let choices = ImportChoices::default();
            ImportSettings { reading, columns: columns.into(), choices }.check()
        };
        let (name, email) =
            (ImportColumn::Field(Field::FirstName), ImportColumn::Field(Field::Email));
        assert_eq!(check(&[Some(name), None, Some(email), None]), Ok(()));
        assert_eq!(check(&[Some(ImportColumn::Id)]), Ok(()));
        assert_eq!(check(&[None; 101]), Err(SettingsError::TooLong));
        assert_eq!(check(&[Some(name), None]), Err(SettingsError::NoKey));
        assert_eq!(check(&[Some(email), Some(email)]), Err(SettingsError::Twice(email)));
    }

    #[test]
    fn states_are_read_back() {
        for state in ImportState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
