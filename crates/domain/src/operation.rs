//! Operations: changes of several students that are made, and undone, together.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Action, Actor, Decision, JournalEntry, MarkChange, OperationId, RowId, Status, StudentRecord,
    Task, TaskState, TemplateId, TraceId, Version,
};

/// What an operation does with each of its students.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Takes this decision on the application.
    Decide(Decision),
    /// Completes the item of this template.
    CompleteTask(TemplateId),
    /// Restores what this operation changed.
    Undo(OperationId),
}

impl OperationKind {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Decide(_) => "status_changed",
            Self::CompleteTask(_) => "task_marked",
            Self::Undo(_) => "undone",
        }
    }
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id, by which it is undone.
    pub id: OperationId,
    /// Who began it.
    pub actor: Actor,
    /// What it does.
    pub kind: OperationKind,
    /// When it was begun.
    pub at: DateTime<Utc>,
    /// The trace of the request that began it.
    pub trace_id: Option<TraceId>,
    /// When every student was done; `None` until then.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Operation {
    /// Most students of an operation.
    pub const MAX_STUDENTS: usize = 10_000;

    /// How long an operation can be undone.
    pub const UNDO_WINDOW: TimeDelta = TimeDelta::days(30);

    /// Whether an operation begun at this time can no longer be undone.
    #[must_use]
    pub fn is_too_old(begun: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - begun > Self::UNDO_WINDOW
    }
}

/// A student of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationItem {
    /// The student.
    pub row: RowId,
    /// The version that the caller saw, or that the undone operation made.
    pub seen: Version,
}

/// What undoing restores of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// This status.
    Status(Status),
    /// The values of this version.
    Values(Version),
}

impl Restored {
    /// What undoes the change of an entry, and the version that the change made; `None` where it cannot
    /// be undone.
    #[must_use]
    pub fn of(entry: &JournalEntry) -> Option<(Self, Version)> {
        let version = version(entry, "version")?;
        let restored = match entry.action {
            Action::StatusChanged => Self::Status(entry.detail.get("from")?.parse().ok()?),
            Action::Edited => Self::Values(version.previous()?),
            _ => return None,
        };
        Some((restored, version))
    }
}

fn version(entry: &JournalEntry, name: &str) -> Option<Version> {
    entry.detail.get(name)?.parse().ok().and_then(Version::new)
}

/// The changes of one student that can be undone, by the version that each made.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    by_version: BTreeMap<Version, JournalEntry>,
    marks: Vec<(OperationId, MarkChange)>,
}

impl Changes {
    /// Adds an entry of the student; others than such changes are left out.
    pub fn add(&mut self, entry: JournalEntry) {
        if let Some((_, version)) = Restored::of(&entry) {
            self.by_version.insert(version, entry);
        } else if let Some((operation, change)) = entry.operation.zip(MarkChange::of(&entry)) {
            self.marks.push((operation, change));
        }
    }

    /// The version whose state this one has: undoing makes a version with the state of an earlier one.
    #[must_use]
    pub fn state_of(&self, of: Version) -> Version {
        self.by_version.get(&of).and_then(|entry| version(entry, "restores")).unwrap_or(of)
    }

    /// The reason with which this version was rejected.
    #[must_use]
    pub fn reason(&self, of: Version) -> Option<&str> {
        self.by_version.get(&of)?.detail.get("reason_code").map(String::as_str)
    }

    /// The change that an operation made.
    #[must_use]
    pub fn by(&self, operation: OperationId) -> Option<(Restored, Version)> {
        let entry = self.by_version.values().find(|entry| entry.operation == Some(operation))?;
        Restored::of(entry)
    }

    /// The item that an operation marked.
    #[must_use]
    pub fn mark_by(&self, operation: OperationId) -> Option<MarkChange> {
        self.marks.iter().find(|(by, _)| *by == operation).map(|(_, change)| *change)
    }

    /// The plan to undo an operation on a student of the version `current`: what is restored, and the
    /// version whose state that is.
    ///
    /// # Errors
    ///
    /// The state is not the one that the operation made.
    pub fn plan_undo(
        &self,
        operation: OperationId,
        current: Version,
    ) -> Result<(Restored, Version), Skip> {
        let (restored, made) = self.by(operation).ok_or(Skip::ChangedSince)?;
        let before = made.previous().ok_or(Skip::ChangedSince)?;
        if self.state_of(current) == self.state_of(made) {
            Ok((restored, self.state_of(before)))
        } else {
            Err(Skip::ChangedSince)
        }
    }

    /// The operations that can be undone on a student of the version `current`, the latest first.
    pub fn undoable(&self, current: Version) -> impl Iterator<Item = &JournalEntry> {
        let state = self.state_of(current);
        let has_state = move |(made, _): &(&Version, &JournalEntry)| self.state_of(**made) == state;
        self.by_version.iter().rev().filter(has_state).map(|(_, entry)| entry)
    }
}

/// What became of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Changed.
    Applied,
    /// Left as it was, for this reason.
    Skipped(Skip),
}

/// Why a student was left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// It has the status already.
    Unchanged,
    /// The status does not follow its own.
    IllegalTransition,
    /// Someone has changed it since.
    ChangedSince,
    /// Another student has the address that it had.
    AlreadyRegistered,
    /// The values that it had are no longer kept.
    NotKept,
    /// The operation was undone before it came to this student.
    Stopped,
    /// An item of the checklist is open.
    TasksOpen,
    /// The item is not on the checklist.
    NoTask,
    /// The item is not needed of this student.
    Waived,
}

impl Skip {
    /// Every reason, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::ChangedSince,
        Self::IllegalTransition,
        Self::TasksOpen,
        Self::NoTask,
        Self::Waived,
        Self::Unchanged,
        Self::AlreadyRegistered,
        Self::NotKept,
        Self::Stopped,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::IllegalTransition => "illegal_transition",
            Self::ChangedSince => "changed_since",
            Self::AlreadyRegistered => "already_registered",
            Self::NotKept => "not_kept",
            Self::Stopped => "stopped",
            Self::TasksOpen => "tasks_open",
            Self::NoTask => "no_task",
            Self::Waived => "waived",
        }
    }
}

/// The plan of a decision on a student whose version `seen` is the one that the caller saw. A preview and
/// the operation itself make the same.
///
/// # Errors
///
/// The student is left as it is.
pub fn plan_decision(
    record: &StudentRecord,
    seen: Version,
    to: Status,
    has_open_tasks: bool,
) -> Result<(), Skip> {
    if record.version != seen {
        return Err(Skip::ChangedSince);
    }
    if record.status == to {
        return Err(Skip::Unchanged);
    }
    if !record.status.may_become(to) {
        return Err(Skip::IllegalTransition);
    }
    if to == Status::Enrolled && has_open_tasks { Err(Skip::TasksOpen) } else { Ok(()) }
}

/// The plan to complete an item, which a student may lack. Versions are not compared: a tick says that
/// the item is there, also if the student was changed since.
///
/// # Errors
///
/// There is nothing to complete.
pub fn plan_completion(task: Option<&Task>) -> Result<&Task, Skip> {
    match task {
        None => Err(Skip::NoTask),
        Some(task) => match task.mark.state {
            TaskState::Open => Ok(task),
            TaskState::Done => Err(Skip::Unchanged),
            TaskState::Waived => Err(Skip::Waived),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Applicant, ApplicantForm, Origin, RawField, Student, StudentId};

    fn at() -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse().unwrap()
    }

    fn record() -> StudentRecord {
        let applicant = Applicant::parse(&ApplicantForm {
            first_name: RawField::from("Zoë"),
            last_name: RawField::from("Brontë"),
            email: RawField::from("zoe@example.org"),
        });
        let student = Student::new(StudentId::new(at(), [1; 10]), applicant.unwrap(), at());
        StudentRecord::new(&student, Origin::default())
    }

    #[test]
    fn a_plan_leaves_alone_what_was_changed_or_cannot_be() {
        let record = record();
        let seen = Version::FIRST;
        assert_eq!(plan_decision(&record, seen, Status::Confirmed, true), Ok(()));
        assert_eq!(plan_decision(&record, seen, Status::Pending, false), Err(Skip::Unchanged));
        assert_eq!(
            plan_decision(&record, seen, Status::Enrolled, false),
            Err(Skip::IllegalTransition)
        );
        assert_eq!(
            plan_decision(&record, seen.next(), Status::Confirmed, false),
            Err(Skip::ChangedSince)
        );
    }

    #[test]
    fn who_lacks_an_item_is_not_enrolled() {
        let confirmed = record().with_status(Status::Confirmed, at());
        let plan =
            |is_open| plan_decision(&confirmed, confirmed.version, Status::Enrolled, is_open);
        assert_eq!((plan(false), plan(true)), (Ok(()), Err(Skip::TasksOpen)));
    }

    /// A change that made a version, by the operation of this number.
    fn change(action: Action, made: u32, operation: u8) -> JournalEntry {
        let entry = JournalEntry::new(at(), Actor::System, action, None);
        let operation = Some(OperationId::new(at(), [operation; 10]));
        let entry = entry.with("version", made.to_string()).with("from", "pending");
        JournalEntry { operation, ..entry }
    }

    fn number(version: u32) -> Version {
        Version::new(version).unwrap()
    }

    #[test]
    fn a_change_of_status_or_values_can_be_undone() {
        let of = |action| Restored::of(&change(action, 3, 1));
        let status = Restored::Status(Status::Pending);
        assert_eq!(of(Action::StatusChanged), Some((status, number(3))));
        assert_eq!(of(Action::Edited), Some((Restored::Values(number(2)), number(3))));
        assert_eq!(of(Action::Created), None);
    }

    #[test]
    fn changes_are_undone_one_behind_the_other_and_redone() {
        let id = |operation: u8| OperationId::new(at(), [operation; 10]);
        let mut changes = Changes::default();
        changes.add(change(Action::Created, 1, 9));
        changes.add(change(Action::StatusChanged, 2, 2));
        changes.add(change(Action::Edited, 3, 3));
        let undo = |changes: &mut Changes, operation, current: u32| -> Result<u32, Skip> {
            let (_, state) = changes.plan_undo(id(operation), number(current))?;
            let made = current + 1;
            let undone = change(Action::StatusChanged, made, u8::try_from(made).unwrap());
            changes.add(undone.with("restores", state.to_string()));
            Ok(state.get())
        };
        let mut undo = |operation, current| undo(&mut changes, operation, current);
        // The last one first.
        assert_eq!(undo(2, 3), Err(Skip::ChangedSince));
        assert_eq!(undo(3, 3), Ok(2), "version 4");
        assert_eq!(undo(3, 4), Err(Skip::ChangedSince), "it is undone");
        assert_eq!(undo(2, 4), Ok(1), "version 5");
        assert_eq!(undo(5, 5), Ok(2), "what was undone last is redone");
        assert_eq!(undo(4, 6), Ok(3), "and what was undone before");
        assert_eq!(undo(3, 7), Ok(2));
        assert_eq!(undo(9, 8), Err(Skip::ChangedSince), "no change that can be undone");
        let undoable: Vec<_> = changes.undoable(number(3)).map(|entry| entry.operation).collect();
        assert_eq!(undoable, [Some(id(7)), Some(id(3))]);
    }

    #[test]
    fn an_operation_can_be_undone_for_thirty_days() {
        assert!(!Operation::is_too_old(at(), at() + TimeDelta::days(30)));
        assert!(Operation::is_too_old(at(), at() + TimeDelta::days(30) + TimeDelta::seconds(1)));
    }
}
