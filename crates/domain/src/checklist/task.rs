//! An item of a student's checklist.

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use sha2::{Digest as _, Sha256};

use super::{TaskTemplate, TaskTitle, TemplateId};
use crate::{
    Action, Actor, JournalEntry, StudentId, Subject, Version,
    student::{UnknownName, public_id},
};

public_id! {
    /// The public id of an item.
    TaskId
}

impl TaskId {
    /// The id of a student's item of a template. Always the same: an item that is removed with the place
    /// and comes back with it keeps its id. A UUID, version 8.
    #[must_use]
    pub fn of(student: StudentId, template: TemplateId) -> Self {
        let hash = Sha256::new().chain_update(student.as_bytes()).chain_update(template.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Self::from_bytes(*uuid::Builder::from_custom_bytes(bytes).into_uuid().as_bytes())
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It is missing.
    Open,
    /// It is there.
    Done,
    /// It is not needed of this student.
    Waived,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Waived];

    /// The name in JSON and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Waived => "waived",
        }
    }
}

impl FromStr for TaskState {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or(UnknownName)
    }
}

/// The state of an item, and who completed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The state.
    pub state: TaskState,
    /// When it was first completed; an item that is opened again keeps it.
    pub completed_at: Option<DateTime<Utc>>,
    /// Who completed it; `None` unless it is done.
    pub completed_by: Option<Subject>,
}

impl Mark {
    const OPEN: Self = Self { state: TaskState::Open, completed_at: None, completed_by: None };
}

/// An item of a student's checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The public id.
    pub id: TaskId,
    /// Whose it is.
    pub student: StudentId,
    /// Where it comes from; `None` for an item of this student alone.
    pub template: Option<TemplateId>,
    /// What it asks for: the template's title, where it has one.
    pub title: TaskTitle,
    /// Its state.
    pub mark: Mark,
    /// By when it is needed.
    pub due_on: Option<NaiveDate>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// One more with each change.
    pub version: Version,
}

/// What a person enters of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskValues {
    /// What it asks for.
    pub title: TaskTitle,
    /// By when it is needed.
    pub due_on: Option<NaiveDate>,
    /// Its state.
    pub state: TaskState,
}

impl Task {
    /// Most items of one student alone.
    pub const MAX_OWN: usize = 100;

    /// An item of this student alone.
    #[must_use]
    pub fn new(
        id: TaskId,
        student: StudentId,
        title: TaskTitle,
        due_on: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            student,
            template: None,
            title,
            mark: Mark::OPEN,
            due_on,
            created_at: now.trunc_subsecs(6),
            version: Version::FIRST,
        }
    }

    /// The item that a student gets of a template.
    #[must_use]
    pub fn of_template(student: StudentId, template: &TaskTemplate, now: DateTime<Utc>) -> Self {
        let id = TaskId::of(student, template.id);
        let task = Self::new(id, student, template.title.clone(), None, now);
        Self { template: Some(template.id), ..task }
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> TaskValues {
        let state = self.mark.state;
        TaskValues { title: self.title.clone(), due_on: self.due_on, state }
    }

    /// The item with another state, by `by` at `now`; `None` where it has that state.
    #[must_use]
    pub fn marked(&self, state: TaskState, by: Actor, now: DateTime<Utc>) -> Option<Self> {
        let first = self.mark.completed_at;
        let mark = match state {
            _ if state == self.mark.state => return None,
            TaskState::Done => Mark {
                state,
                completed_at: first.or(Some(now.trunc_subsecs(6))),
                completed_by: by.id().copied(),
            },
            TaskState::Open | TaskState::Waived => Mark { state, completed_by: None, ..self.mark },
        };
        Some(self.with_mark(mark))
    }

    /// The next version, with this mark.
    #[must_use]
    pub fn with_mark(&self, mark: Mark) -> Self {
        Self { mark, version: self.version.next(), ..self.clone() }
    }

    /// The item after an edit, with the names of what it changes; `None` where it changes nothing.
    #[must_use]
    pub fn edited(
        &self,
        values: &TaskValues,
        by: Actor,
        now: DateTime<Utc>,
    ) -> Option<(Self, Vec<&'static str>)> {
        let marked = self.marked(values.state, by, now);
        let changes = [
            ("title", self.title != values.title),
            ("due_on", self.due_on != values.due_on),
            ("state", marked.is_some()),
        ];
        let fields: Vec<_> = changes.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        let edited = Self {
            title: values.title.clone(),
            due_on: values.due_on,
            mark: marked.map_or(self.mark, |task| task.mark),
            version: self.version.next(),
            ..self.clone()
        };
        (!fields.is_empty()).then_some((edited, fields))
    }

    /// Whether this change completes it for the first time.
    #[must_use]
    pub fn is_first_completion(&self, before: &Self) -> bool {
        self.mark.state == TaskState::Done && before.mark.completed_at.is_none()
    }

    /// How long it took to complete, if this change completes it for the first time.
    #[must_use]
    pub fn completed_after(&self, before: &Self) -> Option<Duration> {
        let completed_at = self.mark.completed_at.filter(|_| self.is_first_completion(before))?;
        Some((completed_at - self.created_at).to_std().unwrap_or_default())
    }

    /// The entry of this change, without its text, which may be personal.
    #[must_use]
    pub fn entry_of(
        &self,
        action: Action,
        before: Option<&Self>,
        entry: JournalEntry,
    ) -> JournalEntry {
        let mut entry = JournalEntry { action, ..entry }
            .with("task", self.id.to_string())
            .with("task_version", self.version.to_string())
            .with("task_added", self.created_at.to_rfc3339())
            .with("to", self.mark.state.as_str());
        let Some(Self { mark, .. }) = before else { return entry };
        entry = entry.with("from", mark.state.as_str());
        if let Some(at) = mark.completed_at {
            entry = entry.with("completed_at", at.to_rfc3339());
        }
        if let Some(by) = mark.completed_by {
            entry = entry.with("completed_by", StudentId::from_bytes(by).to_string());
        }
        entry
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::StaffId;

    pub(in super::super) fn at(seconds: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    pub(in super::super) fn task() -> Task {
        let id = |byte| StudentId::new(at(0), [byte; 10]);
        let title = TaskTitle::parse("Birth certificate").unwrap();
        Task::new(TaskId::from_bytes(*id(1).as_bytes()), id(2), title, None, at(0))
    }

    pub(in super::super) fn person(byte: u8) -> Actor {
        Actor::Staff(StaffId::new(at(0), [byte; 10]))
    }

    #[test]
    fn the_first_completion_is_remembered_when_an_item_is_opened_again() {
        let open = task();
        let done = open.marked(TaskState::Done, person(1), at(5)).unwrap();
        assert_eq!((done.version.get(), done.mark.completed_at), (2, Some(at(5))));
        assert!(done.is_first_completion(&open));
        assert_eq!(done.completed_after(&open), Some(Duration::from_secs(5)));
        assert_eq!(done.marked(TaskState::Done, person(2), at(6)), None, "it is done already");
        let again = done.marked(TaskState::Open, person(1), at(7)).unwrap();
        assert_eq!((again.mark.state, again.mark.completed_by), (TaskState::Open, None));
        let twice = again.marked(TaskState::Done, person(2), at(8)).unwrap();
        assert_eq!(twice.mark.completed_at, Some(at(5)));
        assert_eq!(twice.mark.completed_by, person(2).id().copied());
        assert!(!twice.is_first_completion(&again));
        assert_eq!(twice.completed_after(&again), None);
    }

    #[test]
    fn an_edit_names_what_it_changes() {
        let open = task();
        assert_eq!(open.edited(&open.values(), person(1), at(1)), None);
        let values = TaskValues {
            due_on: NaiveDate::from_ymd_opt(2026, 9, 15),
            state: TaskState::Waived,
            ..open.values()
        };
        let (edited, fields) = open.edited(&values, person(1), at(1)).unwrap();
        assert_eq!((edited.values(), edited.version.get()), (values, 2));
        assert_eq!(fields, ["due_on", "state"]);
    }

    #[test]
    fn a_students_item_of_a_template_has_always_the_same_id() {
        let (student, template) = (task().student, TemplateId::new(at(0), [3; 10]));
        let id = TaskId::of(student, template);
        assert_eq!(id, TaskId::of(student, template));
        assert_ne!(id, TaskId::of(student, TemplateId::new(at(0), [4; 10])));
        assert_eq!(id.to_string().as_bytes()[14], b'8', "{id}");
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
