//! The plan of a row: by what it says and what is stored. A preview and the import itself make the same.

use super::{
    CellError, CellErrorCode, Conflict, ImportChoices, ImportColumn, Plan, row::RowValues,
};
use crate::{ErrorCode, Field, RowId, Status, StudentRecord};

/// What is stored about the student of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The student with the id of the row; without an id, with its address.
    pub student: Option<(RowId, &'a StudentRecord)>,
    /// The student with the address of the row.
    pub with_email: Option<RowId>,
    /// Whether an item of the student's checklist is open.
    pub has_open_tasks: bool,
    /// The earlier line that is about this student, or has this address.
    pub earlier: Option<u32>,
}

/// The plan of a row with these values.
#[must_use]
pub fn plan(values: &RowValues, known: &Known<'_>, choices: ImportChoices) -> Plan {
    if let Some(line) = known.earlier {
        return Plan::SamePerson(line);
    }
    match known.student {
        Some((row, record)) => change(values, row, record, known, choices),
        None if values.id.is_some() => Plan::Conflict(Conflict::UnknownStudent),
        None => create(values),
    }
}

fn create(values: &RowValues) -> Plan {
    let missing = Field::ALL.into_iter().filter(|field| values.texts.get(*field).is_none());
    let missing: Vec<_> = missing
        .map(|field| CellError {
            column: Some(ImportColumn::Field(field)),
            code: CellErrorCode::Field(ErrorCode::Required),
        })
        .collect();
    if !missing.is_empty() {
        return Plan::Invalid(missing);
    }
    let to = values.status.filter(|status| *status != Status::Pending);
    match to.map_or(Ok(()), |to| may_become(Status::Pending, to, false)) {
        Ok(()) => Plan::Create(values.texts.clone().map(Option::unwrap_or_default), to),
        Err(conflict) => Plan::Conflict(conflict),
    }
}

fn change(
    values: &RowValues,
    row: RowId,
    record: &StudentRecord,
    known: &Known<'_>,
    choices: ImportChoices,
) -> Plan {
    let mut texts = record.texts.clone();
    for field in Field::ALL {
        if let Some(value) = values.texts.get(field) {
            texts.get_mut(field).clone_from(value);
        }
    }
    let texts = (texts != record.texts).then_some(texts);
    let to = values.status.filter(|status| *status != record.status);
    if texts.is_none() && to.is_none() {
        return Plan::Unchanged;
    }
    if !choices.update_existing {
        return Plan::Conflict(Conflict::AlreadyRegistered);
    }
    let is_stale = values.version.is_some_and(|version| version != record.version);
    if is_stale && !choices.overwrite_changed {
        return Plan::Conflict(Conflict::ChangedSinceExport);
    }
    if known.with_email.is_some_and(|other| other != row) {
        return Plan::Conflict(Conflict::EmailTaken);
    }
    match to.map_or(Ok(()), |to| may_become(record.status, to, known.has_open_tasks)) {
        Ok(()) => Plan::Update(record.version, texts, to),
        Err(conflict) => Plan::Conflict(conflict),
    }
}

fn may_become(from: Status, to: Status, has_open_tasks: bool) -> Result<(), Conflict> {
    if !from.may_become(to) {
        Err(Conflict::IllegalTransition)
    } else if to == Status::Rejected {
        Err(Conflict::ReasonNeeded)
    } else if to == Status::Enrolled && has_open_tasks {
        Err(Conflict::TasksOpen)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Applicant, ApplicantForm, Origin, PerField, RawField, Student, StudentId, Version,
    };

    const ALL: ImportChoices =
        ImportChoices { update_existing: true, overwrite_changed: false, all_or_nothing: false };

    fn record() -> StudentRecord {
        let at = "2026-09-01T09:00:00Z".parse().unwrap();
        let applicant = Applicant::parse(&ApplicantForm {
            first_name: RawField::from("Zoë"),
            last_name: RawField::from("Brontë"),
            email: RawField::from("zoe@example.org"),
        });
        let student = Student::new(StudentId::new(at, [1; 10]), applicant.unwrap(), at);
        StudentRecord::new(&student, Origin::default())
    }

    fn row(first_name: &str) -> RowValues {
        let texts = PerField {
            first_name: Some(first_name.to_owned()),
            last_name: Some("Brontë".to_owned()),
            email: Some("zoe@example.org".to_owned()),
        };
        RowValues { texts, ..RowValues::default() }
    }

    fn with_status(status: Status) -> RowValues {
        RowValues { status: Some(status), ..row("Zoë") }
    }

    #[test]
    fn a_new_student_is_created_and_needs_every_field() {
        let nothing = Known::default();
        let texts = record().texts;
        assert_eq!(plan(&row("Zoë"), &nothing, ALL), Plan::Create(texts.clone(), None));
        let waiting = plan(&with_status(Status::Waitlisted), &nothing, ALL);
        assert_eq!(waiting, Plan::Create(texts, Some(Status::Waitlisted)));
        for (status, conflict) in [
            (Status::Enrolled, Conflict::IllegalTransition),
            (Status::Rejected, Conflict::ReasonNeeded),
        ] {
            assert_eq!(
                plan(&with_status(status), &nothing, ALL),
                Plan::Conflict(conflict),
                "{status}"
            );
        }
        let mut nameless = row("Zoë");
        nameless.texts.last_name = None;
        let required = CellError {
            column: Some(ImportColumn::Field(Field::LastName)),
            code: CellErrorCode::Field(ErrorCode::Required),
        };
        assert_eq!(plan(&nameless, &nothing, ALL), Plan::Invalid(vec![required]));
        let unknown = RowValues { id: Some(record().id), ..row("Zoë") };
        assert_eq!(plan(&unknown, &nothing, ALL), Plan::Conflict(Conflict::UnknownStudent));
    }

    #[test]
    fn a_student_is_changed_as_far_as_the_choices_allow() {
        let record = record();
        let known = Known {
            student: Some((RowId(7), &record)),
            with_email: Some(RowId(7)),
            ..Known::default()
        };
        assert_eq!(plan(&row("Zoë"), &known, ImportChoices::default()), Plan::Unchanged);
        let renamed = PerField { first_name: "Zoe".to_owned(), ..record.texts.clone() };
        let update = Plan::Update(Version::FIRST, Some(renamed), None);
        assert_eq!(plan(&row("Zoe"), &known, ALL), update);
        let none = ImportChoices { update_existing: false, ..ALL };
        assert_eq!(plan(&row("Zoe"), &known, none), Plan::Conflict(Conflict::AlreadyRegistered));
        let stale = RowValues { version: Version::new(2), ..row("Zoe") };
        assert_eq!(plan(&stale, &known, ALL), Plan::Conflict(Conflict::ChangedSinceExport));
        let all = ImportChoices { overwrite_changed: true, ..ALL };
        assert_eq!(plan(&stale, &known, all), update);
        let same = RowValues { version: Version::new(2), ..row("Zoë") };
        assert_eq!(plan(&same, &known, ALL), Plan::Unchanged, "whatever its version");
        let taken = Known { with_email: Some(RowId(8)), ..known };
        assert_eq!(plan(&row("Zoe"), &taken, ALL), Plan::Conflict(Conflict::EmailTaken));
        let earlier = Known { earlier: Some(3), ..known };
        assert_eq!(plan(&row("Zoe"), &earlier, ALL), Plan::SamePerson(3));
    }

    #[test]
    fn of_36_pairs_of_statuses_those_of_the_table_are_planned() {
        for from in Status::ALL {
            for to in Status::ALL {
                let record = StudentRecord { status: from, ..record() };
                let known = Known { student: Some((RowId(7), &record)), ..Known::default() };
                let expected = match (from.may_become(to), to) {
                    _ if from == to => Plan::Unchanged,
                    (false, _) => Plan::Conflict(Conflict::IllegalTransition),
                    (true, Status::Rejected) => Plan::Conflict(Conflict::ReasonNeeded),
                    (true, _) => Plan::Update(Version::FIRST, None, Some(to)),
                };
                assert_eq!(plan(&with_status(to), &known, ALL), expected, "{from} → {to}");
            }
        }
        let confirmed = StudentRecord { status: Status::Confirmed, ..record() };
        let student = Some((RowId(7), &confirmed));
        let known = Known { student, has_open_tasks: true, ..Known::default() };
        let enrolled = plan(&with_status(Status::Enrolled), &known, ALL);
        assert_eq!(enrolled, Plan::Conflict(Conflict::TasksOpen));
    }
}
