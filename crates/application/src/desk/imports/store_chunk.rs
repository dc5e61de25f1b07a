//! What one transaction does of an import: the next rows are stored, with their entries.

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Applicant, ApplicantForm, DeskTransaction, IMPORTED_LINE, Import, ImportState,
    JournalEntry, OperationId, Origin, PerField, Plan, PlannedRow, RawField, RecordHash,
    RecordUpdate, RepositoryError, RowId, RowValues, Source, Status, Student, StudentId,
    StudentRecord, Version, row_values,
};
use sha2::{Digest as _, Sha256};

use super::{end, plan_chunk::Stored};
use crate::desk::operations::record_change::{self, Cause, RecordChange};

/// What one transaction has done.
pub(super) enum Chunk {
    /// Rows are stored; with each change of a status, and the number of new items of checklists.
    Stored { is_last: bool, transitions: Vec<(Status, Status)>, new_tasks: usize },
    /// The import is not being stored.
    NotRunning,
}

/// All rows are to be stored, and one of them has another plan now: none is.
pub(super) struct OtherPlan;

/// The next rows of an import with everything that storing them needs.
struct Storing<'a> {
    import: &'a Import,
    now: DateTime<Utc>,
    seed: &'a [u8; 64],
    created: Vec<(u32, StudentRecord, Option<Status>)>,
    changed: Vec<RecordChange>,
    left_alone: Vec<u32>,
    updated: usize,
}

/// Stores the next rows of an import.
pub(super) fn store_next(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<Result<Chunk, OtherPlan>, RepositoryError> {
    let import = desk.lock_import(id)?;
    let Some(import) = import.filter(|import| import.state == ImportState::Running) else {
        return Ok(Ok(Chunk::NotRunning));
    };
    let all = import.settings.choices.all_or_nothing;
    let at_least = if all { Import::MAX_ATOMIC } else { 0 };
    let (rows, is_last) = desk.next_import_rows(id, import.stored_line, at_least)?;
    let mut storing = Storing {
        import: &import,
        now,
        seed,
        created: Vec::new(),
        changed: Vec::new(),
        left_alone: Vec::new(),
        updated: 0,
    };
    storing.plan(desk, &rows)?;
    if all && !storing.left_alone.is_empty() {
        return Ok(Err(OtherPlan));
    }
    let new_tasks = storing.store(desk)?;
    let Storing { created, changed, left_alone, updated, .. } = storing;
    desk.keep_changed_rows(id, &left_alone)?;
    let transitions = changed.iter().map(|change| (change.before.status, change.after.status));
    let transitions = transitions.filter(|(from, to)| from != to).collect();
    let stored_line = rows.last().map_or(import.stored_line, |row| row.row.line);
    let (created, updated) = (import.created + created.len(), import.updated + updated);
    let import = Import { stored_line, created, updated, ..import };
    match is_last {
        true => end(desk, import, ImportState::Done, now)?,
        false => desk.update_import(&import)?,
    }
    Ok(Ok(Chunk::Stored { is_last, transitions, new_tasks }))
}

impl Storing<'_> {
    /// Plans the rows again, by what is stored now. Changed values are stored here.
    fn plan(
        &mut self,
        desk: &mut dyn DeskTransaction,
        rows: &[PlannedRow],
    ) -> Result<(), RepositoryError> {
        let settings = &self.import.settings;
        let values: Vec<_> =
            rows.iter().map(|row| row_values(&row.row, &settings.columns).ok()).collect();
        let students: Vec<_> = rows.iter().filter_map(|row| row.student).collect();
        let stored = Stored::read(desk, &values.iter().flatten(), &students)?;
        for (row, values) in rows.iter().zip(values) {
            let is_applied = match values {
                Some(values) => self.apply(desk, row, &values, &stored)?,
                None => false,
            };
            if !is_applied {
                self.left_alone.push(row.row.line);
            }
        }
        Ok(())
    }

    /// Whether the plan of a row is still the one that was looked at.
    fn apply(
        &mut self,
        desk: &mut dyn DeskTransaction,
        row: &PlannedRow,
        values: &RowValues,
        stored: &Stored,
    ) -> Result<bool, RepositoryError> {
        let (plan, student) = stored.plan(values, &self.import.settings);
        match (plan, student, row.student) {
            (Plan::Create(texts, to), None, None) => {
                let record = self.new_student(row.row.line, &texts);
                self.created.extend(record.map(|record| (row.row.line, record, to)));
                Ok(true)
            }
            (Plan::Update(seen, texts, to), Some((id, before)), Some(student))
                if id == student && row.seen == Some(seen) =>
            {
                self.change(desk, student, before.clone(), texts, to)
            }
            _ => Ok(false),
        }
    }

    fn change(
        &mut self,
        desk: &mut dyn DeskTransaction,
        row: RowId,
        mut before: StudentRecord,
        texts: Option<PerField<String>>,
        to: Option<Status>,
    ) -> Result<bool, RepositoryError> {
        if let Some(texts) = texts {
            let after = before.with_texts(texts, self.now);
            if desk.update_record(&before, &after)? != RecordUpdate::Updated {
                return Ok(false);
            }
            self.changed.push(RecordChange::of_values(row, before, after.clone()));
            before = after;
        }
        if let Some(to) = to {
            self.changed.push(RecordChange::of_status(row, before, to, self.now));
        }
        self.updated += 1;
        Ok(true)
    }

    /// A student with these values, which are valid. The id is the same should the transaction run again.
    fn new_student(&self, line: u32, texts: &PerField<String>) -> Option<StudentRecord> {
        let form = ApplicantForm::from_fn(|field| RawField::Text(texts.get(field).clone()));
        let applicant = Applicant::parse(&form).ok()?;
        let hash = Sha256::new().chain_update(self.seed).chain_update(line.to_be_bytes());
        let mut random = [0; 10];
        random.copy_from_slice(&hash.finalize()[..10]);
        let student = Student::new(StudentId::new(self.now, random), applicant, self.now);
        let origin = Origin { source: Source::Import, trace_id: self.import.trace_id };
        Some(StudentRecord::new(&student, origin))
    }

    /// Stores new students and changes with their entries, and returns the number of new items.
    fn store(&mut self, desk: &mut dyn DeskTransaction) -> Result<usize, RepositoryError> {
        let records: Vec<_> = self.created.iter().map(|(_, record, _)| record.clone()).collect();
        let rows = desk.insert_records(&records)?;
        let salts = record_change::new_salts(&rows, self.seed);
        desk.insert_salts(&salts)?;
        let mut entries = Vec::with_capacity(rows.len());
        for ((row, salt), (line, record, to)) in salts.into_iter().zip(&self.created) {
            let subject = Some(*record.id.as_bytes());
            let entry = JournalEntry::new(self.now, self.import.actor, Action::Created, subject);
            let entry = JournalEntry {
                hashes: Some((None, Some(RecordHash::of(&salt, record)))),
                trace_id: self.import.trace_id,
                operation: Some(self.import.id),
                ..entry
            };
            let entry = entry.with("version", Version::FIRST.to_string());
            entries.push(entry.with(IMPORTED_LINE, line.to_string()));
            if let Some(to) = to {
                self.changed.push(RecordChange::of_status(row, record.clone(), *to, self.now));
            }
        }
        desk.append_all(&entries)?;
        let Import { id, actor, trace_id, .. } = *self.import;
        let cause = Cause { operation: id, actor, trace_id, kind: None };
        record_change::apply(desk, cause, &self.changed, self.now, self.seed)
    }
}
