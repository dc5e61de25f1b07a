//! Creating, editing, deciding and erasing: each one transaction with its entry of the journal.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, Applicant, ApplicantForm, Decision, DeskStore, DeskTransaction, FieldErrors,
    JournalEntry, JournalKeeper, Note, OperationId, Origin, PerField, RawField, RecordHash,
    RecordUpdate, RepositoryError, Source, StaffId, Status, Student, StudentId, StudentInsert,
    StudentRecord, Unavailability, Version, has_checklist, read, write,
};

use super::{
    super::{
        DeskError, RequestContext,
        access::Caller,
        checklist::follow,
        once::{Done, KeyReused, Repeatable, once},
    },
    DeskStudents,
    changed::Changed,
    stale::{self, StaleChange},
    view::{self, Found},
};

/// Why a student could not be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// This student has the address.
    #[error("a student with this address exists")]
    AlreadyRegistered(Option<StudentId>),
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}

/// Why a student could not be changed. Nothing was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such student.
    #[error("there is no such student")]
    NotFound,
    /// The student was erased.
    #[error("the student was erased")]
    Erased(DateTime<Utc>),
    /// Someone has changed the student since.
    #[error("someone has changed the student since")]
    Stale(Box<StaleChange>),
    /// Another student has the address.
    #[error("another student has the address")]
    EmailTaken(Option<StudentId>),
    /// Values are invalid.
    #[error(transparent)]
    Invalid(FieldErrors),
    /// The status does not follow the current one.
    #[error("the status does not follow the current one")]
    IllegalTransition(Box<StudentRecord>),
    /// This number of checklist items is open.
    #[error("items of the checklist are open")]
    TasksOpen(usize),
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}

type Answer<T, E> = Result<Result<T, E>, DeskError>;

/// What a change makes of a student: the next version with its entry, or nothing.
type Change = Result<Option<(StudentRecord, JournalEntry, Option<Note>)>, ChangeError>;

impl DeskStudents {
    /// Registers someone on the telephone or at the counter; once for a request that is repeated.
    ///
    /// # Errors
    ///
    /// A student with this address exists, or the key was sent with another request.
    #[tracing::instrument(name = "create_student", skip_all)]
    pub async fn create(
        &self,
        applicant: Applicant,
        note: Option<Note>,
        caller: &Caller,
        context: RequestContext,
        repeatable: Option<Repeatable<Changed>>,
    ) -> Answer<Done<Changed>, CreateError> {
        let id = StudentId::new(context.now, context.id_bytes());
        let student = Student::new(id, applicant, context.now);
        let origin = Origin { source: Source::Desk, trace_id: context.trace_id };
        let record = StudentRecord::new(&student, origin);
        let by = By::of(caller, context);
        let work = move |desk: &mut dyn DeskTransaction| {
            once(desk, repeatable.as_ref(), id, context.now, Changed::version, |desk| {
                create(desk, &record, note.as_ref(), &by)
            })
        };
        self.office.write(work).await
    }

    /// Changes values of a student; those that are `None` stay as they are.
    ///
    /// # Errors
    ///
    /// The version is not the current one, a value is invalid, or another student has the address.
    #[tracing::instrument(name = "edit_student", skip_all)]
    pub async fn edit(
        &self,
        id: StudentId,
        version: Version,
        values: PerField<Option<RawField>>,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<Changed, ChangeError> {
        let by = By::of(caller, context);
        let edit = move |_: &mut dyn DeskTransaction, record: &StudentRecord| {
            let form = ApplicantForm::from_fn(|field| {
                let stored = || RawField::Text(record.texts.get(field).clone());
                values.get(field).clone().unwrap_or_else(stored)
            });
            let applicant = match Applicant::parse(&form) {
                Ok(applicant) => applicant,
                Err(errors) => return Ok(Err(ChangeError::Invalid(errors))),
            };
            let Some((edited, fields)) = record.edited(&applicant, by.context.now) else {
                return Ok(Ok(None));
            };
            let fields: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
            let entry = by.entry(Action::Edited, record.id).with("fields", fields.join(","));
            Ok(Ok(Some((edited, entry, None))))
        };
        self.in_order(id, context.now, move |desk| change(desk, id, version, &by, &edit)).await
    }

    /// Decides on an application; once for a request that is repeated.
    ///
    /// # Errors
    ///
    /// The version is not the current one, the status does not follow the current one, or the key was
    /// sent with another request.
    #[tracing::instrument(name = "change_status", skip_all)]
    pub async fn decide(
        &self,
        id: StudentId,
        version: Version,
        decision: Decision,
        caller: &Caller,
        context: RequestContext,
        repeatable: Option<Repeatable<Changed>>,
    ) -> Answer<Done<Changed>, ChangeError> {
        let by = By::of(caller, context);
        let to = decision.to();
        let decide = move |desk: &mut dyn DeskTransaction, record: &StudentRecord| {
            if !record.status.may_become(to) {
                return Ok(Err(ChangeError::IllegalTransition(Box::new(record.clone()))));
            }
            let open = if to == Status::Enrolled { open_tasks(desk, record.id)? } else { 0 };
            if open > 0 && !decision.overrides_tasks() {
                return Ok(Err(ChangeError::TasksOpen(open)));
            }
            let entry = by.entry(Action::StatusChanged, record.id);
            let entry = if open > 0 { entry.with("overrides", "tasks_open") } else { entry };
            let mut entry = entry.with("from", record.status.as_str()).with("to", to.as_str());
            if let Some(reason) = decision.reason() {
                entry = entry.with("reason_code", reason.as_str());
            }
            let note = decision.note().cloned();
            Ok(Ok(Some((record.with_status(to, by.context.now), entry, note))))
        };
        self.in_order(id, context.now, move |desk| {
            once(desk, repeatable.as_ref(), id, context.now, Changed::version, |desk| {
                change(desk, id, version, &by, &decide)
            })
        })
        .await
    }

    /// Erases a student with all dependent rows, irreversibly.
    ///
    /// # Errors
    ///
    /// The version is not the current one.
    #[tracing::instrument(name = "erase_student", skip_all)]
    pub async fn erase(
        &self,
        id: StudentId,
        version: Version,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<(), ChangeError> {
        let by = By::of(caller, context);
        self.in_order(id, context.now, move |desk| {
            Ok(match current(desk, id, version)? {
                Ok(record) => {
                    desk.erase_records(&[record.id])?;
                    desk.append(&by.entry(Action::Erased, id))?;
                    Ok(())
                }
                Err(error) => Err(error),
            })
        })
        .await
    }

    /// Runs a change of a student in one transaction, behind the entry of its registration.
    async fn in_order<T: Send + 'static>(
        &self,
        id: StudentId,
        now: DateTime<Utc>,
        work: impl Fn(&mut dyn DeskTransaction) -> Result<Result<T, ChangeError>, RepositoryError>
        + Send
        + 'static,
    ) -> Answer<T, ChangeError> {
        let (store, keeper) = (Arc::clone(&self.office.store), Arc::clone(&self.keeper));
        let run = move || {
            if !cover(&*store, &*keeper, id, now)? {
                // Not locked: a lock on what is not there would hold up registrations beside it.
                return read(&*store, |desk| missing_student(desk, id)).map(Err);
            }
            write(&*store, work)
        };
        Ok(self.office.threads.run(run).await??)
    }
}

/// Changes a student from `version` to the next.
fn change(
    desk: &mut dyn DeskTransaction,
    id: StudentId,
    version: Version,
    by: &By,
    change: &dyn Fn(&mut dyn DeskTransaction, &StudentRecord) -> Result<Change, RepositoryError>,
) -> Result<Result<Changed, ChangeError>, RepositoryError> {
    let before = match current(desk, id, version)? {
        Ok(record) => record,
        Err(error) => return Ok(Err(error)),
    };
    let from = before.status;
    let (after, entry, note) = match change(desk, &before)? {
        Ok(Some(changed)) => changed,
        Ok(None) => return Ok(Ok(Changed { record: before, from, operation: None, new_tasks: 0 })),
        Err(error) => return Ok(Err(error)),
    };
    match desk.update_record(&before, &after)? {
        RecordUpdate::Updated => {}
        // The record is locked: a node of a cluster alone finds it changed.
        RecordUpdate::Stale => {
            let reason = Unavailability::Conflict;
            return Err(RepositoryError::unavailable(reason, "a locked record changed"));
        }
        RecordUpdate::EmailTaken => {
            let key = after.texts.email.to_lowercase();
            return Ok(Err(ChangeError::EmailTaken(desk.find_by_email(&key)?)));
        }
    }
    if let Some(note) = note {
        desk.insert_note(id, by.author(), &note, by.context.now)?;
    }
    by.append(desk, Some(&before), &after, entry)?;
    let new_tasks = match has_checklist(before.status) == has_checklist(after.status) {
        true => 0,
        false => {
            let rows = desk.find_records(&[id])?;
            follow(desk, rows.iter().map(|(row, _)| (*row, &before, &after)), by.context.now)?
        }
    };
    Ok(Ok(Changed { record: after, from, operation: Some(by.operation), new_tasks }))
}

/// The number of open items of a student.
fn open_tasks(desk: &mut dyn DeskTransaction, id: StudentId) -> Result<usize, RepositoryError> {
    let rows: Vec<_> = desk.find_records(&[id])?.into_iter().map(|(row, _)| row).collect();
    Ok(desk.count_tasks(&rows)?.iter().map(|(_, count)| count.open).sum())
}

/// Writes the entries of registrations where this student may lack one: where nothing has changed it.
/// Returns whether there is such a student.
fn cover(
    store: &dyn DeskStore,
    keeper: &dyn JournalKeeper,
    id: StudentId,
    now: DateTime<Utc>,
) -> Result<bool, RepositoryError> {
    let record = read(store, |desk| desk.find_record(id))?;
    let is_new = |record: &StudentRecord| {
        record.version == Version::FIRST
            && matches!(record.origin.source, Source::Form | Source::Api)
    };
    if record.as_ref().is_some_and(is_new) {
        keeper.cover_all(now)?;
    }
    Ok(record.is_some())
}

/// Why there is no student with this id.
fn missing_student(
    desk: &mut dyn DeskTransaction,
    id: StudentId,
) -> Result<ChangeError, RepositoryError> {
    Ok(match view::find(desk, id)? {
        Found::Erased(at) => ChangeError::Erased(at),
        Found::Student(_) | Found::Nothing => ChangeError::NotFound,
    })
}

/// The student, locked, provided that its version is the one that the caller saw.
fn current(
    desk: &mut dyn DeskTransaction,
    id: StudentId,
    version: Version,
) -> Result<Result<StudentRecord, ChangeError>, RepositoryError> {
    Ok(match desk.lock_record(id)? {
        Some(record) if record.version == version => Ok(record),
        Some(record) => Err(ChangeError::Stale(Box::new(stale::since(desk, record, version)?))),
        None => Err(missing_student(desk, id)?),
    })
}

fn create(
    desk: &mut dyn DeskTransaction,
    record: &StudentRecord,
    note: Option<&Note>,
    by: &By,
) -> Result<Result<Changed, CreateError>, RepositoryError> {
    // Looked for first: after a statement that failed a transaction can do no more.
    let key = record.texts.email.to_lowercase();
    if let Some(id) = desk.find_by_email(&key)? {
        return Ok(Err(CreateError::AlreadyRegistered(Some(id))));
    }
    if desk.insert_record(record)? == StudentInsert::EmailTaken {
        return Ok(Err(CreateError::AlreadyRegistered(None)));
    }
    if let Some(note) = note {
        desk.insert_note(record.id, by.author(), note, by.context.now)?;
    }
    by.append(desk, None, record, by.entry(Action::Created, record.id))?;
    let (record, from) = (record.clone(), record.status);
    Ok(Ok(Changed { record, from, operation: Some(by.operation), new_tasks: 0 }))
}

/// The author and the operation of a change.
#[derive(Clone, Copy)]
struct By {
    actor: Actor,
    staff: Option<StaffId>,
    operation: OperationId,
    context: RequestContext,
}

impl By {
    fn of(caller: &Caller, context: RequestContext) -> Self {
        let staff = caller.session().map(|_| caller.staff.id);
        let operation = OperationId::new(context.now, context.other_id_bytes());
        Self { actor: caller.actor(), staff, operation, context }
    }

    /// The author of a note; `None` for a program.
    fn author(&self) -> Option<StaffId> {
        self.staff
    }

    fn entry(&self, action: Action, id: StudentId) -> JournalEntry {
        let entry = self.context.entry(self.actor, action, *id.as_bytes());
        JournalEntry { operation: Some(self.operation), ..entry }
    }

    /// Adds the entry, with the hashes of the record before and after.
    fn append(
        &self,
        desk: &mut dyn DeskTransaction,
        before: Option<&StudentRecord>,
        after: &StudentRecord,
        entry: JournalEntry,
    ) -> Result<(), RepositoryError> {
        let salt = desk.salt(after.id, self.context.salt())?;
        let hash = |record| RecordHash::of(&salt, record);
        let hashes = Some((before.map(hash), Some(hash(after))));
        let entry = JournalEntry { hashes, ..entry };
        desk.append(&entry.with("version", after.version.to_string()))
    }
}
