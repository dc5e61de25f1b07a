//! The plans of some rows, by what is stored about their students.

use std::collections::{HashMap, HashSet};

use registration_domain::{
    CellError, DeskTransaction, EmailAddress, Field, FileRow, ImportColumn, ImportSettings, Known,
    OperationId, PerField, Plan, PlannedRow, RepositoryError, RowId, RowValues, Status, StudentId,
    StudentRecord, plan_row, row_values,
};

/// What is stored about the students of some rows.
#[derive(Default)]
pub(super) struct Stored {
    by_id: HashMap<StudentId, (RowId, StudentRecord)>,
    by_email: HashMap<String, (RowId, StudentRecord)>,
    with_open_tasks: HashSet<RowId>,
}

/// The address of a row, in the form in which addresses are compared.
fn email_key(values: &RowValues) -> Option<String> {
    values.texts.email.as_deref().map(str::to_ascii_lowercase)
}

impl Stored {
    /// Reads it. The students of `locked` are locked, and are taken as they are committed last.
    pub(super) fn read<'a>(
        desk: &mut dyn DeskTransaction,
        values: &(impl Iterator<Item = &'a RowValues> + Clone),
        locked: &[RowId],
    ) -> Result<Self, RepositoryError> {
        let ids: Vec<_> = values.clone().filter_map(|values| values.id).collect();
        let keys: Vec<_> = values.clone().filter_map(email_key).collect();
        let locked: HashMap<_, _> = desk.lock_records(locked)?.into_iter().collect();
        let latest = |(row, record): (RowId, StudentRecord)| {
            (row, locked.get(&row).cloned().unwrap_or(record))
        };
        let by_id: HashMap<_, _> = desk
            .find_records(&ids)?
            .into_iter()
            .map(latest)
            .map(|(row, record)| (record.id, (row, record)))
            .collect();
        let by_email: HashMap<_, _> = desk
            .find_by_emails(&keys)?
            .into_iter()
            .map(|found| (found.1.texts.email.to_ascii_lowercase(), latest(found)))
            .collect();
        let enrols = values.clone().any(|values| values.status == Some(Status::Enrolled));
        let rows: Vec<_> = by_id.values().chain(by_email.values()).map(|(row, _)| *row).collect();
        let with_open_tasks = if enrols { desk.with_open_tasks(&rows)? } else { HashSet::new() };
        Ok(Self { by_id, by_email, with_open_tasks })
    }

    fn known(&self, values: &RowValues) -> Known<'_> {
        let with_email = email_key(values).and_then(|key| self.by_email.get(&key));
        let student = match values.id {
            Some(id) => self.by_id.get(&id),
            None => with_email,
        };
        let student = student.map(|(row, record)| (*row, record));
        Known {
            student,
            with_email: with_email.map(|(row, _)| *row),
            has_open_tasks: student.is_some_and(|(row, _)| self.with_open_tasks.contains(&row)),
            earlier: None,
        }
    }

    /// The plan of a row, with its student.
    pub(super) fn plan(
        &self,
        values: &RowValues,
        settings: &ImportSettings,
    ) -> (Plan, Option<(RowId, &StudentRecord)>) {
        let known = self.known(values);
        (plan_row(values, &known, settings.choices), known.student)
    }
}

/// Which lines are about which students.
#[derive(Default)]
struct Claims {
    by_email: HashMap<String, u32>,
    by_student: HashMap<RowId, u32>,
}

impl Claims {
    fn add(&mut self, line: u32, email: Option<String>, student: Option<RowId>) {
        if let Some(email) = email {
            self.by_email.entry(email).or_insert(line);
        }
        if let Some(student) = student {
            self.by_student.entry(student).or_insert(line);
        }
    }

    fn earlier(&self, email: Option<&String>, student: Option<RowId>) -> Option<u32> {
        let by_email = email.and_then(|email| self.by_email.get(email));
        let by_student = student.and_then(|student| self.by_student.get(&student));
        by_email.into_iter().chain(by_student).min().copied()
    }
}

/// Plans rows that follow those of the import which are planned already.
pub(super) fn plan_rows(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    settings: &ImportSettings,
    rows: &[FileRow],
) -> Result<Vec<PlannedRow>, RepositoryError> {
    let values: Vec<_> = rows.iter().map(|row| row_values(row, &settings.columns)).collect();
    let valid = values.iter().filter_map(|values| values.as_ref().ok());
    let stored = Stored::read(desk, &valid, &[])?;
    let mut claims = Claims::default();
    let key = |values| target(&stored.known(values), values);
    let keys: Vec<_> = valid.clone().filter_map(key).collect();
    let students = valid.filter_map(|values| stored.known(values).student);
    let students: Vec<_> = students.map(|(row, _)| row).collect();
    for line in desk.claimed_lines(id, &keys, &students)? {
        claims.add(line.line, line.email_key, line.student);
    }
    let planned = rows.iter().zip(values).map(|(row, values)| match values {
        Ok(values) => planned(row, &values, &stored, settings, &mut claims),
        Err(errors) => {
            let email = typed_email(row, settings);
            planned_row(row, None, &Plan::Invalid(errors), email)
        }
    });
    Ok(planned.collect())
}

/// The address of an invalid row as it was typed: by it the row is erased with the student.
fn typed_email(row: &FileRow, settings: &ImportSettings) -> Option<String> {
    let email = Some(ImportColumn::Field(Field::Email));
    let cell = row.cells.get(settings.columns.iter().position(|column| *column == email)?)?;
    let key = cell.text.trim().to_ascii_lowercase();
    (!key.is_empty() && key.len() <= EmailAddress::MAX_BYTES).then_some(key)
}

/// The address that the student of a row has afterwards, in lower case.
fn target(known: &Known<'_>, values: &RowValues) -> Option<String> {
    let current = || known.student.map(|(_, record)| record.texts.email.to_ascii_lowercase());
    email_key(values).or_else(current)
}

fn planned(
    row: &FileRow,
    values: &RowValues,
    stored: &Stored,
    settings: &ImportSettings,
    claims: &mut Claims,
) -> PlannedRow {
    let known = stored.known(values);
    let (student, email) = (known.student.map(|(row, _)| row), target(&known, values));
    let known = Known { earlier: claims.earlier(email.as_ref(), student), ..known };
    let plan = plan_row(values, &known, settings.choices);
    if !plan.verdict().is_left_out() {
        claims.add(row.line, email.clone(), student);
    }
    planned_row(row, known.student, &plan, email)
}

fn planned_row(
    row: &FileRow,
    student: Option<(RowId, &StudentRecord)>,
    plan: &Plan,
    email_key: Option<String>,
) -> PlannedRow {
    let seen = match plan {
        Plan::Update(version, ..) => Some(*version),
        _ => None,
    };
    let same_as = match plan {
        Plan::SamePerson(line) => Some(*line),
        _ => None,
    };
    let reasons = match plan {
        Plan::Conflict(conflict) => vec![conflict.as_str().to_owned()],
        Plan::Invalid(errors) => errors.iter().map(reason).collect(),
        _ => Vec::new(),
    };
    PlannedRow {
        row: row.clone(),
        verdict: plan.verdict(),
        student: student.map(|(row, _)| row),
        seen,
        email_key,
        same_as,
        reasons,
        changes: student.map_or_else(Vec::new, |(_, record)| changes(plan, record)),
        has_changed: false,
    }
}

fn reason(CellError { column, code }: &CellError) -> String {
    let code = code.as_str();
    column.map_or_else(|| code.to_owned(), |column| format!("{}:{code}", column.as_str()))
}

/// What an update changes: column, the value before and the one after.
fn changes(plan: &Plan, record: &StudentRecord) -> Vec<(String, String, String)> {
    let Plan::Update(_, texts, to) = plan else { return Vec::new() };
    let text = |texts: &PerField<String>, field: Field| texts.get(field).clone();
    let fields = texts.iter().flat_map(|texts| {
        record.differing(texts).map(|field| {
            (field.as_str().to_owned(), text(&record.texts, field), text(texts, field))
        })
    });
    let status = to.iter().map(|to| {
        let (name, from) = (ImportColumn::Status.as_str(), record.status.as_str());
        (name.to_owned(), from.to_owned(), to.as_str().to_owned())
    });
    fields.chain(status).collect()
}
