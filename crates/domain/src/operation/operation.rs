//! Operations: changes of several students that are made, and undone, together.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Actor, Decision, OperationId, RowId, Status, StudentRecord, Task, TaskState, TemplateId,
    TraceId, Version,
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

    #[test]
    fn an_operation_can_be_undone_for_thirty_days() {
        assert!(!Operation::is_too_old(at(), at() + TimeDelta::days(30)));
        assert!(Operation::is_too_old(at(), at() + TimeDelta::days(30) + TimeDelta::seconds(1)));
    }
}
