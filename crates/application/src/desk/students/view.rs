//! A single student, with what the office knows about it.

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, Changes, DeskTransaction, JournalEntry, JournalQuery, JournalRow, MarkChange,
    OperationId, Permission, RepositoryError, StaffId, StaffMember, StoredNote, StudentId,
    StudentRecord, Task,
};

use super::{
    super::{DeskError, RequestContext, access::Caller, checklist},
    DeskStudents,
};

/// Most entries of a history.
const MAX_ENTRIES: usize = 200;

/// The result of looking up a student's id.
#[derive(Clone, Debug)]
pub enum Found<T> {
    /// The student.
    Student(T),
    /// The student was erased at this time.
    Erased(DateTime<Utc>),
    /// There is no student with this id, and there was none.
    Nothing,
}

/// A student as a page shows it.
#[derive(Clone, Debug)]
pub struct StudentView {
    /// The student.
    pub record: StudentRecord,
    /// Notes, the newest first; empty without the right to see them.
    pub notes: Vec<StoredNote>,
    /// What happened, the newest first; empty without the right to see it.
    pub history: Vec<JournalRow>,
    /// The changes that can be undone, empty without the right to see the history.
    pub undoable: Vec<Undoable>,
    /// The checklist, the oldest item first.
    pub tasks: Vec<Task>,
    /// The people of the office: who is named in them, and who can give a right.
    pub staff: Vec<StaffMember>,
}

/// A change that can be undone.
#[derive(Clone, Copy, Debug)]
pub struct Undoable {
    /// The operation that made it.
    pub operation: OperationId,
    /// Whether it has changed other students as well.
    pub is_of_several: bool,
    /// Who began it.
    pub by: Actor,
    /// When it was made.
    pub at: DateTime<Utc>,
}

impl DeskStudents {
    /// The student with this id.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn find(&self, id: StudentId) -> Result<Found<StudentRecord>, DeskError> {
        self.office.read(move |desk| find(desk, id)).await
    }

    /// The student with notes and history, for a caller's page; a view is journalled once an hour.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn view(
        &self,
        id: StudentId,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<Found<StudentView>, DeskError> {
        let with_notes = caller.may(Permission::NotesRead);
        let found = self.office.read(move |desk| {
            Ok(match find(desk, id)? {
                Found::Student(record) => Found::Student(view(desk, record, with_notes)?),
                Found::Erased(at) => Found::Erased(at),
                Found::Nothing => Found::Nothing,
            })
        });
        let found = found.await?;
        if matches!(found, Found::Student(_)) {
            self.journal_view(id, caller, context).await?;
        }
        Ok(found)
    }

    /// Journals that a caller has seen a student, once an hour for each.
    ///
    /// # Errors
    ///
    /// The store gave no answer: then the student must not be shown.
    pub async fn journal_view(
        &self,
        id: StudentId,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        if self.was_viewed(caller.staff.id, id, context) {
            return Ok(());
        }
        let entry = context.entry(caller.actor(), Action::Viewed, *id.as_bytes());
        let write =
            move |desk: &mut dyn DeskTransaction| desk.append(&entry).map(Ok::<_, RepositoryError>);
        self.office.write(write).await??;
        self.views.lock().seen.insert((caller.staff.id, id));
        Ok(())
    }

    /// The name of the person who erased this student.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn erased_by(&self, id: StudentId) -> Result<Option<String>, DeskError> {
        let read = move |desk: &mut dyn DeskTransaction| {
            let row = desk.last_entry(id.as_bytes(), Action::Erased)?;
            let Some(Actor::Staff(id)) = row.map(|row| row.entry.actor) else { return Ok(None) };
            Ok(desk.find_staff(id)?.map(|staff| staff.display_name().to_owned()))
        };
        self.office.read(read).await
    }

    /// What happened to a student, the newest first, before the entry `before`.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn history(
        &self,
        id: StudentId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<JournalRow>, DeskError> {
        let subject = Some(*id.as_bytes());
        let query = JournalQuery { subject, before, limit, ..JournalQuery::default() };
        self.office.read(move |desk| desk.entries(&query)).await
    }

    /// Whether this person has seen the student in this hour.
    fn was_viewed(&self, staff: StaffId, id: StudentId, context: RequestContext) -> bool {
        let hour = context.now.timestamp() / 3600;
        let mut views = self.views.lock();
        if views.hour != hour {
            *views = super::Views { hour, ..super::Views::default() };
        }
        views.seen.contains(&(staff, id))
    }
}

/// The student, or when it was erased.
pub(in crate::desk) fn find(
    desk: &mut dyn DeskTransaction,
    id: StudentId,
) -> Result<Found<StudentRecord>, RepositoryError> {
    if let Some(record) = desk.find_record(id)? {
        return Ok(Found::Student(record));
    }
    let erased = desk.last_entry(id.as_bytes(), Action::Erased)?;
    Ok(erased.map_or(Found::Nothing, |row| Found::Erased(row.entry.at)))
}

fn view(
    desk: &mut dyn DeskTransaction,
    record: StudentRecord,
    with_notes: bool,
) -> Result<StudentView, RepositoryError> {
    let (staff, tasks) = (desk.staff()?, checklist::of_student(desk, record.id)?);
    if !with_notes {
        let (notes, history, undoable) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(StudentView { record, notes, history, undoable, tasks, staff });
    }
    let subject = Some(*record.id.as_bytes());
    let query = JournalQuery { subject, limit: MAX_ENTRIES, ..JournalQuery::default() };
    let (notes, history) = (desk.notes(record.id)?, desk.entries(&query)?);
    let undoable = undoable(desk, &record, &history, &tasks)?;
    Ok(StudentView { record, notes, history, undoable, tasks, staff })
}

fn undoable(
    desk: &mut dyn DeskTransaction,
    record: &StudentRecord,
    history: &[JournalRow],
    tasks: &[Task],
) -> Result<Vec<Undoable>, RepositoryError> {
    let mut changes = Changes::default();
    history.iter().for_each(|row| changes.add(row.entry.clone()));
    let mut undoable = Vec::new();
    let is_mark = |entry: &&JournalEntry| {
        MarkChange::of(entry).is_some_and(|mark| tasks.iter().any(|task| mark.is_last_of(task)))
    };
    let marks = history.iter().map(|row| &row.entry).filter(is_mark);
    for entry in changes.undoable(record.version).chain(marks) {
        let Some(operation) = entry.operation else { continue };
        let items: usize = desk.count_outcomes(operation)?.iter().map(|(_, count)| count).sum();
        let is_of_several = items > 1 || desk.find_import(operation)?.is_some();
        undoable.push(Undoable { operation, is_of_several, by: entry.actor, at: entry.at });
    }
    Ok(undoable)
}
