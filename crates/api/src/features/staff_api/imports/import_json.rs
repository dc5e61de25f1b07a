//! Imports in JSON.

use registration_application::desk::imports::ImportView;
use registration_domain::{
    Delimiter, Import, ImportColumn, ImportSettings, PlannedRow, Reading, Unreadable, Verdict,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::representation::ActorJson;
use crate::web::time::rfc3339;

/// An import.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Import)]
pub(crate) struct ImportJson {
    /// What it has changed is undone as the operation with this id.
    id: String,
    file_name: String,
    /// `reading`, `needs_mapping`, `planned`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    settings: ImportSettingsJson,
    /// `failed`: why, and where.
    #[schema(required)]
    problem: Option<UnreadableJson>,
    by: ActorJson,
    at: String,
    #[schema(required)]
    finished_at: Option<String>,
    counts: ImportCountsJson,
    /// How many students it has created.
    created: usize,
    /// How many it has changed.
    updated: usize,
    /// An earlier import of the same file.
    #[schema(required)]
    same_file: Option<String>,
}

/// How a file is read, and what is done with its rows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportSettings)]
pub(crate) struct ImportSettingsJson {
    /// `csv` or `xlsx`.
    format: String,
    /// CSV: by its name in the WHATWG Encoding Standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// CSV: `comma`, `semicolon`, `tab` or `bar`.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// XLSX: the name of the sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    has_header: bool,
    /// What each column is: `id`, `version`, `first_name`, `last_name`, `email`, `status`, or null.
    columns: Vec<Option<String>>,
    update_existing: bool,
    overwrite_changed: bool,
    all_or_nothing: bool,
}

/// Why a file cannot be read, and where.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Unreadable)]
pub(crate) struct UnreadableJson {
    why: String,
    #[schema(required)]
    line: Option<u32>,
    #[schema(required)]
    column: Option<u32>,
}

/// How many rows there are.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportCounts)]
pub(crate) struct ImportCountsJson {
    create: usize,
    update: usize,
    unchanged: usize,
    same_person: usize,
    conflict: usize,
    invalid: usize,
    /// That are stored.
    stored: usize,
    /// That are left alone, because what is stored has changed since the plan.
    changed_since: usize,
}

/// A row with its plan.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportRow)]
pub(crate) struct ImportRowJson {
    /// Where it begins: the line of the file, or the row of the sheet.
    line: u32,
    /// `create`, `update`, `unchanged`, `same_person`, `conflict` or `invalid`.
    verdict: String,
    cells: Vec<String>,
    /// `conflict`: why; `invalid`: codes with the names of columns, `email:required`.
    reasons: Vec<String>,
    /// `update`: what changes.
    changes: Vec<ImportChangeJson>,
    /// `same_person`: the line that is about the same student.
    #[schema(required)]
    same_as: Option<u32>,
    /// `applied`, or `changed_since`; null until it is stored.
    #[schema(required)]
    outcome: Option<String>,
}

/// What changes in a column.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportChange)]
pub(crate) struct ImportChangeJson {
    column: String,
    /// The value before: for programs with `students:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    to: String,
}

/// The latest imports, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Imports {
    pub(super) items: Vec<ImportJson>,
}

/// A page of the rows of an import.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportRows {
    pub(super) items: Vec<ImportRowJson>,
    /// The cursor of the next page.
    #[schema(required)]
    pub(super) next: Option<String>,
}

impl ImportJson {
    pub(super) fn new(view: &ImportView) -> Self {
        let import = &view.import;
        Self {
            id: import.id.to_string(),
            file_name: import.file_name.clone(),
            state: import.state.as_str().to_owned(),
            settings: ImportSettingsJson::new(&import.settings),
            problem: import.problem.map(UnreadableJson::new),
            by: ActorJson::of(&import.actor),
            at: rfc3339(import.at),
            finished_at: import.finished_at.map(rfc3339),
            counts: ImportCountsJson::new(view),
            created: import.created,
            updated: import.updated,
            same_file: view.same_file.as_ref().map(|import| import.id.to_string()),
        }
    }
}

impl ImportSettingsJson {
    fn new(settings: &ImportSettings) -> Self {
        let (mut encoding, mut delimiter, mut sheet) = (None, None, None);
        match &settings.reading {
            Reading::Csv { encoding: name, delimiter: one, .. } => {
                encoding = Some(name.clone());
                delimiter = Some(Delimiter::as_str(*one).to_owned());
            }
            Reading::Xlsx { sheet: name, .. } => sheet = Some(name.clone()),
        }
        let name = |column: &Option<ImportColumn>| column.map(|one| one.as_str().to_owned());
        Self {
            format: settings.reading.format().to_owned(),
            encoding,
            delimiter,
            sheet,
            has_header: settings.reading.has_header(),
            columns: settings.columns.iter().map(name).collect(),
            update_existing: settings.choices.update_existing,
            overwrite_changed: settings.choices.overwrite_changed,
            all_or_nothing: settings.choices.all_or_nothing,
        }
    }
}

impl UnreadableJson {
    fn new(Unreadable { reason, line, column }: Unreadable) -> Self {
        Self { why: reason.as_str().to_owned(), line, column }
    }
}

impl ImportCountsJson {
    fn new(ImportView { import, counts, .. }: &ImportView) -> Self {
        Self {
            create: counts.of_verdict(Verdict::Create),
            update: counts.of_verdict(Verdict::Update),
            unchanged: counts.of_verdict(Verdict::Unchanged),
            same_person: counts.of_verdict(Verdict::SamePerson),
            conflict: counts.of_verdict(Verdict::Conflict),
            invalid: counts.of_verdict(Verdict::Invalid),
            stored: import.created + import.updated,
            changed_since: counts.changed_since,
        }
    }
}

impl ImportRowJson {
    pub(super) fn new(planned: &PlannedRow, import: &Import, shows_stored: bool) -> Self {
        let change = |(column, from, to): &(String, String, String)| ImportChangeJson {
            column: column.clone(),
            from: shows_stored.then(|| from.clone()),
            to: to.clone(),
        };
        let is_stored = planned.verdict.is_stored() && planned.row.line <= import.stored_line;
        let outcome = match planned.has_changed {
            true => Some("changed_since"),
            false => is_stored.then_some("applied"),
        };
        Self {
            line: planned.row.line,
            verdict: planned.verdict.as_str().to_owned(),
            cells: planned.row.cells.iter().map(|cell| cell.text.clone()).collect(),
            reasons: planned.reasons.clone(),
            changes: planned.changes.iter().map(change).collect(),
            same_as: planned.same_as,
            outcome: outcome.map(str::to_owned),
        }
    }
}
