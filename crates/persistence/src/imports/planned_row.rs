//! The row of a file with its plan, as stored. Its cells are one text in JSON: no query looks into them.

use diesel::{Insertable, QueryResult, Queryable, Selectable};
use registration_domain::{Cell, Doubt, FileRow, OperationId, PlannedRow, RowId, Verdict};
use serde_json::{Value, json};

use super::import_row::{number, unsigned};
use crate::{
    decode::{self, unreadable, version, version_number},
    schema::import_rows,
};

/// In the column of outcomes: what is stored has changed since the plan.
pub(super) const CHANGED_SINCE: i16 = 2;

/// A row as stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
pub(super) struct PlannedRowRow {
    import: Vec<u8>,
    line: i32,
    cells: String,
    verdict: i16,
    student_id: Option<i64>,
    version: Option<i32>,
    email_key: Option<String>,
    same_as: Option<i32>,
    detail: Option<String>,
    outcome: Option<i16>,
}

impl PlannedRowRow {
    pub(super) fn new(import: OperationId, planned: &PlannedRow) -> Self {
        let PlannedRow { reasons, changes, .. } = planned;
        let has_detail = !reasons.is_empty() || !changes.is_empty();
        let detail = json!({ "reasons": reasons, "changes": changes });
        Self {
            import: import.as_bytes().to_vec(),
            line: number(planned.row.line),
            cells: Value::from_iter(planned.row.cells.iter().map(cell_json)).to_string(),
            verdict: verdict_number(planned.verdict),
            student_id: planned.student.map(|RowId(id)| id),
            version: planned.seen.map(version_number),
            email_key: planned.email_key.clone(),
            same_as: planned.same_as.map(number),
            detail: has_detail.then(|| detail.to_string()),
            outcome: planned.has_changed.then_some(CHANGED_SINCE),
        }
    }

    /// Bytes of its texts.
    pub(super) fn size(&self) -> usize {
        self.cells.len() + self.detail.as_ref().map_or(0, String::len)
    }

    /// Whether it is about a student who is registered.
    pub(super) const fn is_about_a_student(&self) -> bool {
        self.student_id.is_some()
    }

    pub(super) fn planned(self) -> QueryResult<PlannedRow> {
        let cells: Vec<Value> = serde_json::from_str(&self.cells).map_err(|_| unreadable())?;
        let cells: Option<_> = cells.into_iter().map(read_cell).collect();
        let detail: Value = match &self.detail {
            Some(detail) => serde_json::from_str(detail).map_err(|_| unreadable())?,
            None => json!({ "reasons": [], "changes": [] }),
        };
        let part = |name| detail.get(name).cloned().unwrap_or_default();
        Ok(PlannedRow {
            row: FileRow { line: unsigned(self.line)?, cells: cells.ok_or_else(unreadable)? },
            verdict: verdict(self.verdict)?,
            student: self.student_id.map(RowId),
            seen: self.version.map(version).transpose()?,
            email_key: self.email_key,
            same_as: self.same_as.map(unsigned).transpose()?,
            reasons: serde_json::from_value(part("reasons")).map_err(|_| unreadable())?,
            changes: serde_json::from_value(part("changes")).map_err(|_| unreadable())?,
            has_changed: self.outcome == Some(CHANGED_SINCE),
        })
    }
}

/// A text, or an object with the doubt.
fn cell_json(cell: &Cell) -> Value {
    match cell.doubt {
        None => Value::from(&*cell.text),
        Some(doubt) => json!({ "text": cell.text, "doubt": doubt_number(doubt) }),
    }
}

fn read_cell(stored: Value) -> Option<Cell> {
    match stored {
        Value::String(text) => Some(Cell { text, doubt: None }),
        stored => {
            let text = stored.get("text")?.as_str()?.to_owned();
            let number = i16::try_from(stored.get("doubt")?.as_i64()?).ok()?;
            let doubt = decode::by_number(number, Doubt::ALL, doubt_number).ok()?;
            Some(Cell { text, doubt: Some(doubt) })
        }
    }
}

/// The numbers that the table holds. None is ever reused.
const fn doubt_number(doubt: Doubt) -> i16 {
    match doubt {
        Doubt::Number => 1,
        Doubt::Date => 2,
        Doubt::Formula => 3,
        Doubt::Error => 4,
    }
}

pub(super) const fn verdict_number(verdict: Verdict) -> i16 {
    match verdict {
        Verdict::Create => 1,
        Verdict::Update => 2,
        Verdict::Unchanged => 3,
        Verdict::SamePerson => 4,
        Verdict::Conflict => 5,
        Verdict::Invalid => 6,
    }
}

pub(super) fn verdict(number: i16) -> QueryResult<Verdict> {
    decode::by_number(number, Verdict::ALL, verdict_number)
}

#[cfg(test)]
mod tests {
    use registration_domain::Version;

    use super::*;

    #[test]
    fn a_row_is_read_back() {
        let doubtful =
            Doubt::ALL.into_iter().map(|doubt| Cell { text: "7".into(), doubt: Some(doubt) });
        let cells = [Cell::from("Zoë \"=1\"\n"), Cell::default()].into_iter().chain(doubtful);
        let row = FileRow { line: 7, cells: cells.collect() };
        let planned = PlannedRow {
            row,
            verdict: Verdict::Update,
            student: Some(RowId(3)),
            seen: Some(Version::FIRST),
            email_key: Some("zoe@example.org".into()),
            same_as: Some(2),
            reasons: vec!["email:required".into()],
            changes: vec![("first_name".into(), "Zoe".into(), "Zoë".into())],
            has_changed: true,
        };
        let id = OperationId::from_bytes([1; 16]);
        let stored = PlannedRowRow::new(id, &planned);
        assert_eq!(stored.planned(), Ok(planned));
        for verdict in Verdict::ALL {
            assert_eq!(super::verdict(verdict_number(verdict)), Ok(verdict));
        }
    }
}
