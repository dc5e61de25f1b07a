//! What the columns of a file are.

use std::{fmt, str::FromStr};

use super::FileRow;
use crate::{Field, student::UnknownName};

/// What a column of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportColumn {
    /// The student's id, by which an exported row is found again.
    Id,
    /// The version that was exported.
    Version,
    /// A field of the form.
    Field(Field),
    /// The status of the application.
    Status,
}

impl ImportColumn {
    /// Every column, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Field(Field::FirstName),
        Self::Field(Field::LastName),
        Self::Field(Field::Email),
        Self::Status,
        Self::Id,
        Self::Version,
    ];

    /// The name in JSON, and the heading in files for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Version => "version",
            Self::Field(field) => field.as_str(),
            Self::Status => "status",
        }
    }

    /// The column with this heading, in any of the languages of exports and as other programs write it.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let letters = heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        Some(match letters.collect::<String>().as_str() {
            "id" | "studentid" | "iddellostudente" => Self::Id,
            "version" | "versione" => Self::Version,
            "firstname" | "givenname" | "forename" | "nome" => Self::Field(Field::FirstName),
            "lastname" | "surname" | "familyname" | "cognome" => Self::Field(Field::LastName),
            "email" | "emailaddress" | "mail" | "indirizzoemail" | "postaelettronica" => {
                Self::Field(Field::Email)
            }
            "status" | "stato" => Self::Status,
            _ => return None,
        })
    }
}

impl fmt::Display for ImportColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ImportColumn {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|column| column.as_str() == name).ok_or(UnknownName)
    }
}

/// Whether the first of these rows is a heading: it has a known one, or alone has no address.
#[must_use]
pub fn has_header(rows: &[FileRow]) -> bool {
    let Some((first, others)) = rows.split_first() else { return false };
    let is_known = first.cells.iter().any(|cell| ImportColumn::of_heading(&cell.text).is_some());
    is_known || (!has_address(first) && others.iter().any(has_address))
}

fn has_address(row: &FileRow) -> bool {
    row.cells.iter().any(|cell| cell.text.contains('@'))
}

/// What each column is: by the headings, or by the addresses in it. `header` is the row of headings, and
/// `rows` are the first ones behind it. What is not known is `None`; no column is guessed twice.
#[must_use]
pub fn guess_columns(header: Option<&FileRow>, rows: &[FileRow]) -> Vec<Option<ImportColumn>> {
    let width = header.into_iter().chain(rows).map(|row| row.cells.len()).max().unwrap_or(0);
    let headings = header.map_or(&[] as &[_], |row| &row.cells);
    let mut columns: Vec<Option<ImportColumn>> = Vec::with_capacity(width);
    for position in 0..width {
        let heading = headings.get(position).map_or("", |cell| &cell.text);
        let column = ImportColumn::of_heading(heading);
        columns.push(column.filter(|column| !columns.contains(&Some(*column))));
    }
    let email = Some(ImportColumn::Field(Field::Email));
    if !columns.contains(&email) {
        let of_addresses = |position: &usize| {
            let mut cells = rows.iter().filter_map(|row| row.cells.get(*position)).peekable();
            cells.peek().is_some() && cells.all(|cell| cell.text.contains('@'))
        };
        let mut candidates = (0..width).filter(|at| columns[*at].is_none()).filter(of_addresses);
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            columns[only] = email;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> FileRow {
        FileRow { line: 1, cells: cells.iter().map(|text| (*text).into()).collect() }
    }

    fn guess(rows: &[&[&str]]) -> (bool, Vec<&'static str>) {
        let rows: Vec<_> = rows.iter().map(|cells| row(cells)).collect();
        let with_header = has_header(&rows);
        let (header, rows) = rows.split_at(usize::from(with_header));
        let columns = guess_columns(header.first(), rows);
        (with_header, columns.iter().map(|one| one.map_or("", ImportColumn::as_str)).collect())
    }

    #[test]
    fn headings_are_known_in_both_languages_and_as_programs_write_them() {
        let zoe: &[&str] = &["Zoë", "Brontë", "zoe@example.org"];
        let all = vec!["first_name", "last_name", "email"];
        for headings in [
            ["First name", "Last name", "Email"],
            ["first_name", "last_name", "email"],
            [" NOME ", "Cognome", "Indirizzo email"],
            ["Given Name", "Surname", "E-mail"],
        ] {
            assert_eq!(guess(&[&headings, zoe]), (true, all.clone()), "{headings:?}");
        }
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        let zoe: &[&str] = &["Zoë", "Brontë", "zoe@example.org"];
        assert_eq!(guess(&[zoe]), (false, vec!["", "", "email"]));
        assert_eq!(
            guess(&[&["Vorname", "Nachname", "Adresse"], zoe]),
            (true, vec!["", "", "email"])
        );
        let two: &[&str] = &["a@example.org", "b@example.org"];
        assert_eq!(guess(&[two]), (false, vec!["", ""]));
        assert_eq!(
            guess(&[&["Email", "Nome", "email"], &["a@example.org", "A", "b@example.org"]]),
            (true, vec!["email", "first_name", ""])
        );
        assert_eq!(guess(&[]), (false, vec![]));
    }

    #[test]
    fn names_are_read_back() {
        for column in ImportColumn::ALL {
            assert_eq!(column.as_str().parse(), Ok(column));
            assert_eq!(ImportColumn::of_heading(column.as_str()), Some(column));
        }
    }
}
