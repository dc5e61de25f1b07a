//! The row of an import. How the file is read is one text in JSON: no query looks into it.

use chrono::NaiveDateTime;
use diesel::{AsChangeset, Insertable, QueryResult, Queryable, Selectable};
use registration_domain::{
    Delimiter, Import, ImportChoices, ImportColumn, ImportSettings, ImportState, OperationId,
    Reading, TraceId, Unreadable, UnreadableReason,
};
use serde_json::{Value, json};

use crate::{
    decode::{self, bytes, optional_bytes, time, unreadable},
    journal::{actor, actor_number},
    schema::imports,
};

/// An import as stored.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = imports, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct ImportRow {
    id: Vec<u8>,
    actor_kind: i16,
    actor: Option<Vec<u8>>,
    file_name: String,
    sha256: Vec<u8>,
    settings: String,
    revision: i32,
    state: i16,
    problem: Option<String>,
    stored_line: i32,
    created: i32,
    updated: i32,
    at: NaiveDateTime,
    trace_id: Option<Vec<u8>>,
    finished_at: Option<NaiveDateTime>,
}

impl ImportRow {
    pub(super) fn new(import: &Import) -> Self {
        Self {
            id: import.id.as_bytes().to_vec(),
            actor_kind: actor_number(&import.actor),
            actor: import.actor.id().map(|id| id.to_vec()),
            file_name: import.file_name.clone(),
            sha256: import.sha256.to_vec(),
            settings: settings_json(&import.settings).to_string(),
            revision: number(import.revision),
            state: state_number(import.state),
            problem: import.problem.map(|problem| problem_json(problem).to_string()),
            stored_line: number(import.stored_line),
            created: number(import.created),
            updated: number(import.updated),
            at: time(import.at),
            trace_id: import.trace_id.map(|id| id.as_bytes().to_vec()),
            finished_at: import.finished_at.map(time),
        }
    }

    pub(super) fn import(self) -> QueryResult<Import> {
        let trace_id = optional_bytes(self.trace_id.as_deref())?;
        let settings = serde_json::from_str(&self.settings).ok();
        let problem = match self.problem {
            Some(problem) => {
                let problem = serde_json::from_str(&problem).ok();
                Some(problem.as_ref().and_then(read_problem).ok_or_else(unreadable)?)
            }
            None => None,
        };
        Ok(Import {
            id: OperationId::from_bytes(bytes(&self.id)?),
            actor: actor(self.actor_kind, self.actor.as_deref())?,
            file_name: self.file_name,
            sha256: bytes(&self.sha256)?,
            settings: settings.as_ref().and_then(read_settings).ok_or_else(unreadable)?,
            revision: unsigned(self.revision)?,
            state: decode::by_number(self.state, ImportState::ALL, state_number)?,
            problem,
            stored_line: unsigned(self.stored_line)?,
            created: unsigned(self.created)?,
            updated: unsigned(self.updated)?,
            at: self.at.and_utc(),
            trace_id: trace_id.and_then(TraceId::from_bytes),
            finished_at: self.finished_at.map(|at| at.and_utc()),
        })
    }
}

pub(super) fn number(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

pub(super) fn unsigned<T: TryFrom<i32>>(stored: i32) -> QueryResult<T> {
    T::try_from(stored).map_err(|_| unreadable())
}

/// The number that the table holds for a state. It is never reused.
pub(super) const fn state_number(state: ImportState) -> i16 {
    match state {
        ImportState::Reading => 1,
        ImportState::NeedsMapping => 2,
        ImportState::Planned => 3,
        ImportState::Running => 4,
        ImportState::Done => 5,
        ImportState::Failed => 6,
        ImportState::Cancelled => 7,
    }
}

fn settings_json(settings: &ImportSettings) -> Value {
    let reading = match &settings.reading {
        Reading::Csv { encoding, delimiter, has_header } => json!({
            "format": "csv", "encoding": encoding, "delimiter": delimiter.as_str(),
            "has_header": has_header,
        }),
        Reading::Xlsx { sheet, has_header } => {
            json!({ "format": "xlsx", "sheet": sheet, "has_header": has_header })
        }
    };
    let columns = settings.columns.iter().map(|column| column.map(ImportColumn::as_str));
    let ImportChoices { update_existing, overwrite_changed, all_or_nothing } = settings.choices;
    json!({
        "reading": reading,
        "columns": columns.collect::<Vec<_>>(),
        "update_existing": update_existing,
        "overwrite_changed": overwrite_changed,
        "all_or_nothing": all_or_nothing,
    })
}

fn read_settings(settings: &Value) -> Option<ImportSettings> {
    let reading = settings.get("reading")?;
    let text = |name| reading.get(name)?.as_str().map(str::to_owned);
    let has_header = reading.get("has_header")?.as_bool()?;
    let reading = match &*text("format")? {
        "csv" => {
            let name = text("delimiter")?;
            let delimiter = Delimiter::ALL.into_iter().find(|one| one.as_str() == name)?;
            Reading::Csv { encoding: text("encoding")?, delimiter, has_header }
        }
        "xlsx" => Reading::Xlsx { sheet: text("sheet")?, has_header },
        _ => return None,
    };
    let column = |column: &Value| match column {
        Value::Null => Some(None),
        column => column.as_str()?.parse().ok().map(Some),
    };
    let columns = settings.get("columns")?.as_array()?.iter().map(column).collect::<Option<_>>()?;
    let choice = |name| settings.get(name)?.as_bool();
    let choices = ImportChoices {
        update_existing: choice("update_existing")?,
        overwrite_changed: choice("overwrite_changed")?,
        all_or_nothing: choice("all_or_nothing")?,
    };
    Some(ImportSettings { reading, columns, choices })
}

fn problem_json(Unreadable { reason, line, column }: Unreadable) -> Value {
    json!({ "reason": reason.as_str(), "line": line, "column": column })
}

fn read_problem(problem: &Value) -> Option<Unreadable> {
    let name = problem.get("reason")?.as_str()?;
    let reason = UnreadableReason::ALL.into_iter().find(|reason| reason.as_str() == name)?;
    let number = |name| problem.get(name)?.as_u64().and_then(|number| number.try_into().ok());
    Some(Unreadable { reason, line: number("line"), column: number("column") })
}
