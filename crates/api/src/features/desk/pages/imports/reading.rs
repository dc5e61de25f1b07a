//! Step 2: how the file is read.

use askama::Template;
use registration_application::desk::imports::{ENCODINGS, Inspection};
use registration_domain::{
    Delimiter, FileRow, Import, ImportChoices, ImportColumn, ImportSettings, Reading,
    SettingsError, Unreadable,
};

use super::{
    super::{errors::FormErrors, layout::DeskLayout, paths},
    heading, unreadable,
};

/// A choice among several: its value, what it is called, and whether it is chosen.
type Choice = (String, String, bool);

/// A column of the file.
struct Column {
    id: String,
    heading: String,
    choices: Vec<Choice>,
}

/// A yes or no.
struct Switch {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    is_on: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/import_reading.html")]
pub(crate) struct ReadingPage {
    layout: DeskLayout,
    errors: FormErrors,
    file_name: String,
    action: String,
    cancel: String,
    is_guessed: bool,
    encodings: Vec<Choice>,
    delimiters: Vec<Choice>,
    sheets: Vec<Choice>,
    has_header: bool,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    switches: Vec<Switch>,
}

impl ReadingPage {
    /// `inspected` are the first rows, read by these settings.
    pub(crate) fn new(
        layout: DeskLayout,
        import: &Import,
        settings: &ImportSettings,
        inspected: Result<&Inspection, &Unreadable>,
        refused: Option<SettingsError>,
    ) -> Self {
        let text = &layout.text.imports;
        let error = match (inspected, refused) {
            (Err(problem), _) => {
                let id = if is_csv(&settings.reading) { "encoding" } else { "sheet" };
                Some((id, unreadable(&layout, *problem)))
            }
            (_, Some(SettingsError::Twice(column))) => {
                Some(("column-0", text.twice.replace("{column}", heading(&layout, column))))
            }
            (_, Some(SettingsError::NoKey | SettingsError::TooLong)) => {
                Some(("column-0", text.no_key.to_owned()))
            }
            (Ok(_), None) => None,
        };
        let (encodings, delimiters) = choices_of_text(&layout, &settings.reading);
        let sheet = match &settings.reading {
            Reading::Xlsx { sheet, .. } => sheet.as_str(),
            Reading::Csv { .. } => "",
        };
        let sheets = inspected.map(|one| one.sheets.as_slice()).unwrap_or_default();
        let sheets = sheets.iter().map(|name| (name.clone(), name.clone(), name == sheet));
        let rows = inspected.map(|one| one.rows.as_slice()).unwrap_or_default();
        let header = inspected.ok().and_then(|one| one.header.as_ref());
        let ImportChoices { update_existing, overwrite_changed, all_or_nothing } = settings.choices;
        let switch = |name, label, hint, is_on| Switch { name, label, hint, is_on };
        Self {
            errors: error.map(|(id, text)| FormErrors::one(id, Some(text))).unwrap_or_default(),
            file_name: import.file_name.clone(),
            action: layout.href(&paths::import(import.id)),
            cancel: layout.href(&paths::import_cancel(import.id)),
            is_guessed: inspected.is_ok_and(|one| !one.is_certain),
            encodings,
            delimiters,
            sheets: sheets.collect(),
            has_header: settings.reading.has_header(),
            columns: columns(&layout, settings, header, rows),
            rows: rows.iter().map(|row| texts(row, width(settings, header, rows))).collect(),
            switches: vec![
                switch(
                    "update_existing",
                    text.update_existing,
                    text.update_existing_hint,
                    update_existing,
                ),
                switch(
                    "overwrite_changed",
                    text.overwrite_changed,
                    text.overwrite_changed_hint,
                    overwrite_changed,
                ),
                switch(
                    "all_or_nothing",
                    text.all_or_nothing,
                    text.all_or_nothing_hint,
                    all_or_nothing,
                ),
            ],
            layout,
        }
    }
}

const fn is_csv(reading: &Reading) -> bool {
    matches!(reading, Reading::Csv { .. })
}

/// The encodings and the delimiters of a text file.
fn choices_of_text(layout: &DeskLayout, reading: &Reading) -> (Vec<Choice>, Vec<Choice>) {
    let Reading::Csv { encoding, delimiter, .. } = reading else {
        return (Vec::new(), Vec::new());
    };
    let name = |name: &str| (name.to_owned(), name.to_owned(), name == encoding);
    let mut encodings: Vec<_> = ENCODINGS.iter().map(|one| name(one)).collect();
    if !ENCODINGS.contains(&encoding.as_str()) {
        encodings.push(name(encoding));
    }
    let choice = |one: Delimiter| {
        let label = layout.text.imports.delimiter(one).to_owned();
        (one.as_str().to_owned(), label, one == *delimiter)
    };
    (encodings, Delimiter::ALL.map(choice).into())
}

fn width(settings: &ImportSettings, header: Option<&FileRow>, rows: &[FileRow]) -> usize {
    let found = header.into_iter().chain(rows).map(|row| row.cells.len()).max();
    found.unwrap_or(0).max(settings.columns.len())
}

fn columns(
    layout: &DeskLayout,
    settings: &ImportSettings,
    header: Option<&FileRow>,
    rows: &[FileRow],
) -> Vec<Column> {
    let text = &layout.text.imports;
    let column = |position: usize| {
        let chosen = settings.columns.get(position).copied().flatten();
        let left_out = (String::new(), text.left_out.to_owned(), chosen.is_none());
        let choices = ImportColumn::ALL.into_iter().map(|column| {
            let label = heading(layout, column).to_owned();
            (column.as_str().to_owned(), label, chosen == Some(column))
        });
        let cell = header.and_then(|row| row.cells.get(position));
        let named = cell.map(|cell| cell.text.trim()).filter(|text| !text.is_empty());
        let number = || text.column.replace("{number}", &(position + 1).to_string());
        Column {
            id: format!("column-{position}"),
            heading: named.map_or_else(number, str::to_owned),
            choices: std::iter::once(left_out).chain(choices).collect(),
        }
    };
    (0..width(settings, header, rows)).map(column).collect()
}

fn texts(row: &FileRow, width: usize) -> Vec<String> {
    let text =
        |position: usize| row.cells.get(position).map(|cell| cell.text.clone()).unwrap_or_default();
    (0..width).map(text).collect()
}
