//! The values of a row, and what becomes of it.

use super::{Cell, Doubt, FileRow, ImportColumn};
use crate::{
    EmailAddress, ErrorCode, Field, PerField, PersonName, RowId, Status, StudentId, Version,
};

/// What a row would do, or has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// A student is created.
    Create,
    /// A student is changed.
    Update,
    /// The student is as the row says.
    Unchanged,
    /// An earlier row is about the same student.
    SamePerson,
    /// It is left alone, because of what is stored.
    Conflict,
    /// It is left alone, because of what it says.
    Invalid,
}

impl Verdict {
    /// Every verdict, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::Create,
        Self::Update,
        Self::Unchanged,
        Self::SamePerson,
        Self::Conflict,
        Self::Invalid,
    ];

    /// The name in JSON and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::SamePerson => "same_person",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
        }
    }

    /// Whether the row is stored.
    #[must_use]
    pub const fn is_stored(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }

    /// Whether the row is left out.
    #[must_use]
    pub const fn is_left_out(self) -> bool {
        matches!(self, Self::SamePerson | Self::Conflict | Self::Invalid)
    }
}

/// What a row would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// A student with these values is created, and then gets this status.
    Create(PerField<String>, Option<Status>),
    /// A student of this version gets these values, and then this status.
    Update(Version, Option<PerField<String>>, Option<Status>),
    /// Nothing: the student is as the row says.
    Unchanged,
    /// Nothing: this line is about the same student.
    SamePerson(u32),
    /// Nothing, because of what is stored.
    Conflict(Conflict),
    /// Nothing, because of these cells.
    Invalid(Vec<CellError>),
}

impl Plan {
    /// The verdict.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Create(..) => Verdict::Create,
            Self::Update(..) => Verdict::Update,
            Self::Unchanged => Verdict::Unchanged,
            Self::SamePerson(_) => Verdict::SamePerson,
            Self::Conflict(_) => Verdict::Conflict,
            Self::Invalid(_) => Verdict::Invalid,
        }
    }
}

/// Why a valid row is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conflict {
    /// A student with the address exists, with other values.
    AlreadyRegistered,
    /// Another student has the address.
    EmailTaken,
    /// The student was changed after the file was exported.
    ChangedSinceExport,
    /// There is no student with the id.
    UnknownStudent,
    /// The status does not follow the student's own.
    IllegalTransition,
    /// An item of the checklist is open.
    TasksOpen,
    /// A rejection needs a reason, which a file does not have.
    ReasonNeeded,
}

impl Conflict {
    /// Every conflict.
    pub const ALL: [Self; 7] = [
        Self::AlreadyRegistered,
        Self::EmailTaken,
        Self::ChangedSinceExport,
        Self::UnknownStudent,
        Self::IllegalTransition,
        Self::TasksOpen,
        Self::ReasonNeeded,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyRegistered => "already_registered",
            Self::EmailTaken => "email_taken",
            Self::ChangedSinceExport => "changed_since_export",
            Self::UnknownStudent => "unknown_student",
            Self::IllegalTransition => "illegal_transition",
            Self::TasksOpen => "tasks_open",
            Self::ReasonNeeded => "reason_needed",
        }
    }
}

/// A cell that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The column; `None` where the row as a whole is meant.
    pub column: Option<ImportColumn>,
    /// Why.
    pub code: CellErrorCode,
}

/// Why a cell cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellErrorCode {
    /// By the rule of the form's field.
    Field(ErrorCode),
    /// A number where a text is needed: what was typed is lost.
    Number,
    /// A date where a text is needed.
    Date,
    /// An error such as `#REF!`.
    Error,
    /// Not a student's id.
    NotAnId,
    /// Not a version.
    NotAVersion,
    /// Not a status.
    NotAStatus,
    /// The row has more cells than there are columns.
    TooManyCells,
}

impl CellErrorCode {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Field(code) => code.as_str(),
            Self::Number => "number_in_text_column",
            Self::Date => "date_in_text_column",
            Self::Error => "error_in_cell",
            Self::NotAnId => "not_an_id",
            Self::NotAVersion => "not_a_version",
            Self::NotAStatus => "not_a_status",
            Self::TooManyCells => "too_many_cells",
        }
    }
}

/// A row with its plan, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The row of the file.
    pub row: FileRow,
    /// What it would do.
    pub verdict: Verdict,
    /// The student.
    pub student: Option<RowId>,
    /// The version of the student that it would change.
    pub seen: Option<Version>,
    /// The address of the row, or else of its student, in lower case.
    pub email_key: Option<String>,
    /// The line that is about the same student.
    pub same_as: Option<u32>,
    /// Why it is left out: a code, or codes with the names of columns, `email:required`.
    pub reasons: Vec<String>,
    /// What it changes: the name of the column, the value before and the one after.
    pub changes: Vec<(String, String, String)>,
    /// Whether it was to be stored and is left alone, because what is stored has changed since the plan.
    pub has_changed: bool,
}

/// The valid values of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowValues {
    /// The student's id.
    pub id: Option<StudentId>,
    /// The version that was exported.
    pub version: Option<Version>,
    /// The fields that have a column.
    pub texts: PerField<Option<String>>,
    /// The status.
    pub status: Option<Status>,
}

/// Reads the values of a row by its columns.
///
/// # Errors
///
/// Every cell that cannot be used.
pub fn values(
    row: &FileRow,
    columns: &[Option<ImportColumn>],
) -> Result<RowValues, Vec<CellError>> {
    let (mut values, mut errors) = (RowValues::default(), Vec::new());
    let empty = Cell::default();
    for (position, column) in columns.iter().enumerate() {
        let Some(column) = *column else { continue };
        let cell = row.cells.get(position).unwrap_or(&empty);
        if let Err(code) = read(&mut values, column, cell) {
            errors.push(CellError { column: Some(column), code });
        }
    }
    let beyond = row.cells.iter().skip(columns.len());
    if beyond.into_iter().any(|cell| !cell.text.trim().is_empty()) {
        errors.push(CellError { column: None, code: CellErrorCode::TooManyCells });
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

fn read(values: &mut RowValues, column: ImportColumn, cell: &Cell) -> Result<(), CellErrorCode> {
    if cell.doubt == Some(Doubt::Error) {
        return Err(CellErrorCode::Error);
    }
    let text = cell.text.trim();
    match column {
        ImportColumn::Field(field) => {
            match cell.doubt {
                Some(Doubt::Number) => return Err(CellErrorCode::Number),
                Some(Doubt::Date) => return Err(CellErrorCode::Date),
                _ => {}
            }
            let value = match field {
                Field::FirstName | Field::LastName => {
                    PersonName::parse(&cell.text).map(|name| name.as_str().to_owned())
                }
                Field::Email => {
                    EmailAddress::parse(&cell.text).map(|email| email.as_str().to_owned())
                }
            };
            *values.texts.get_mut(field) = Some(value.map_err(CellErrorCode::Field)?);
        }
        // A row without them is new.
        ImportColumn::Id | ImportColumn::Version | ImportColumn::Status if text.is_empty() => {}
        ImportColumn::Id => {
            values.id = Some(text.parse().map_err(|_| CellErrorCode::NotAnId)?);
        }
        ImportColumn::Version => {
            let number = text.parse().ok().and_then(Version::new);
            values.version = Some(number.ok_or(CellErrorCode::NotAVersion)?);
        }
        ImportColumn::Status => {
            values.status = Some(status(text).ok_or(CellErrorCode::NotAStatus)?);
        }
    }
    Ok(())
}

/// The status with this name, or with these words in any of the languages of exports.
fn status(text: &str) -> Option<Status> {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    Some(match letters.collect::<String>().as_str() {
        "pending" | "received" | "ricevuta" => Status::Pending,
        "waitlisted" | "onthewaitinglist" | "inlistadattesa" => Status::Waitlisted,
        "confirmed" | "placeconfirmed" | "postoconfermato" => Status::Confirmed,
        "enrolled" | "iscrizionecompletata" => Status::Enrolled,
        "rejected" | "notaccepted" | "nonaccolta" => Status::Rejected,
        "withdrawn" | "ritirata" => Status::Withdrawn,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Option<ImportColumn>; 7] = [
        Some(ImportColumn::Field(Field::FirstName)),
        Some(ImportColumn::Field(Field::LastName)),
        Some(ImportColumn::Field(Field::Email)),
        None,
        Some(ImportColumn::Status),
        Some(ImportColumn::Id),
        Some(ImportColumn::Version),
    ];

    fn read(cells: &[Cell]) -> Result<RowValues, Vec<String>> {
        let row = FileRow { line: 2, cells: cells.into() };
        let code = |error: CellError| {
            let column = error.column.map_or("", ImportColumn::as_str);
            format!("{column}:{}", error.code.as_str())
        };
        values(&row, &COLUMNS).map_err(|errors| errors.into_iter().map(code).collect())
    }

    fn texts(cells: [&str; 7]) -> Vec<Cell> {
        cells.into_iter().map(Cell::from).collect()
    }

    #[test]
    fn values_are_read_as_the_form_reads_them() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let row = [" Zoe\u{308} ", "Brontë", "ZOE@example.org", "x", "In lista d’attesa", id, "3"];
        let values = read(&texts(row)).unwrap();
        let PerField { first_name, email, .. } = values.texts;
        assert_eq!(
            (first_name.as_deref(), email.as_deref()),
            (Some("Zoë"), Some("ZOE@example.org"))
        );
        assert_eq!(values.status, Some(Status::Waitlisted));
        assert_eq!((values.id, values.version), (id.parse().ok(), Version::new(3)));
        let new = read(&texts(["Zoë", "Brontë", "zoe@example.org", "", "", "", ""])).unwrap();
        assert_eq!((new.id, new.version, new.status), (None, None, None));
    }

    #[test]
    fn every_cell_that_cannot_be_used_is_named() {
        let row = texts(["", "7\u{0}", "zoe", "", "maybe", "7", "0"]);
        let mut all = vec![
            "first_name:required",
            "last_name:invalid_characters",
            "email:invalid_email",
            "status:not_a_status",
            "id:not_an_id",
            "version:not_a_version",
        ];
        assert_eq!(read(&row), Err(all.iter().map(ToString::to_string).collect()));
        let longer = [row, vec!["".into(), "x".into()]].concat();
        all.push(":too_many_cells");
        assert_eq!(read(&longer), Err(all.iter().map(ToString::to_string).collect()));
    }

    #[test]
    fn what_a_spreadsheet_has_made_of_a_text_is_not_guessed() {
        for (doubt, code) in [
            (Doubt::Number, Some("number_in_text_column")),
            (Doubt::Date, Some("date_in_text_column")),
            (Doubt::Error, Some("error_in_cell")),
            (Doubt::Formula, None),
        ] {
            let mut row = texts(["Zoë", "Brontë", "zoe@example.org", "", "", "", ""]);
            row[0].doubt = Some(doubt);
            let expected = code.map(|code| vec![format!("first_name:{code}")]);
            assert_eq!(read(&row).err(), expected);
        }
        let mut row = texts(["Zoë", "Brontë", "zoe@example.org", "", "", "", "3"]);
        row[6].doubt = Some(Doubt::Number);
        assert_eq!(read(&row).unwrap().version, Version::new(3));
    }
}
