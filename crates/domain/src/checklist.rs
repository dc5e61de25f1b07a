//! The enrolment checklist: the items that every student with a place gets, from templates, and further
//! ones of single students.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    Action, Actor, JournalEntry, Status, StudentId, Subject, Version,
    student::{UnknownName, public_id},
};

public_id! {
    /// The public id of an item.
    TaskId
}

public_id! {
    /// The public id of a template.
    TemplateId
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

/// What an item asks for: 1 to 120 characters. That of a single student's item may hold personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskTitle(String);

impl TaskTitle {
    /// Longest title, in characters.
    pub const MAX_CHARS: usize = 120;

    /// Trims the text, and makes a space of each run of white space and control characters.
    ///
    /// # Errors
    ///
    /// Nothing is left, or the title is too long.
    pub fn parse(text: &str) -> Result<Self, TaskTitleError> {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let title = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match title.chars().count() {
            0 => Err(TaskTitleError::Missing),
            count if count > Self::MAX_CHARS => Err(TaskTitleError::TooLong),
            _ => Ok(Self(title)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TaskTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskTitle({} characters)", self.0.chars().count())
    }
}

/// Why a title was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskTitleError {
    /// There is no text.
    #[error("the title is missing")]
    Missing,
    /// It has more than [`TaskTitle::MAX_CHARS`] characters.
    #[error("the title is too long")]
    TooLong,
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

/// An item that every student gets with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskTemplate {
    /// The public id.
    pub id: TemplateId,
    /// What it asks for.
    pub title: TaskTitle,
    /// Its place in the checklist, ascending.
    pub position: u16,
    /// Whether students still get it.
    pub is_active: bool,
    /// When it was made or changed last.
    pub changed_at: DateTime<Utc>,
    /// One more with each change.
    pub version: Version,
}

impl TaskTemplate {
    /// Most templates.
    pub const MAX: usize = 50;

    /// When every transaction has ended that may not have seen a change of templates: no request takes as
    /// long. Students who got a place meanwhile are looked at again then.
    pub const SETTLED_AFTER: TimeDelta = TimeDelta::seconds(60);

    /// Whether its items are to be given to the students with a place, after they were last at
    /// `checked_at`: when it is new, when its change has settled, and once a day.
    #[must_use]
    pub fn is_due(&self, checked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let settled = self.changed_at + Self::SETTLED_AFTER;
        let Some(checked_at) = checked_at else { return self.is_active };
        let is_old = now - checked_at > TimeDelta::days(1);
        self.is_active && ((checked_at < settled && settled <= now) || is_old)
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

/// A changed mark, as an entry of the journal has it: what undoing restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkChange {
    /// The item.
    pub task: TaskId,
    /// The version that the change made.
    pub made: Version,
    /// What it was before.
    pub before: Mark,
}

impl MarkChange {
    /// The change of an entry; `None` where it is none.
    #[must_use]
    pub fn of(entry: &JournalEntry) -> Option<Self> {
        let detail = |name: &str| entry.detail.get(name);
        let state = detail("from")?.parse().ok()?;
        let completed_at = detail("completed_at").map(|at| at.parse()).transpose().ok()?;
        let by = detail("completed_by").map(|by| by.parse::<StudentId>()).transpose().ok()?;
        Some(Self {
            task: detail("task")?.parse().ok()?,
            made: detail("task_version")?.parse().ok().and_then(Version::new)?,
            before: Mark { state, completed_at, completed_by: by.map(|by| *by.as_bytes()) },
        })
    }
}

/// How many items a student has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCount {
    /// Those that are missing.
    pub open: usize,
    /// Those that are there. Items that are not needed count as neither.
    pub done: usize,
}

/// The missing items of a template, over all students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateCount {
    /// The template.
    pub template: TemplateId,
    /// How many are open and done.
    pub count: TaskCount,
    /// When the oldest open one was added.
    pub oldest: Option<DateTime<Utc>>,
}

/// Which students a list holds, by their items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingTask {
    /// Who lack any item.
    Any,
    /// Who lack this one.
    Of(TemplateId),
}

impl FromStr for MissingTask {
    type Err = UnknownName;

    /// Reads `any`, or a template's id.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "any" => Ok(Self::Any),
            id => id.parse().map(Self::Of).map_err(|_| UnknownName),
        }
    }
}

/// Whether a student has the items of the templates: with a place, as long as it lasts.
#[must_use]
pub const fn has_checklist(status: Status) -> bool {
    matches!(status, Status::Confirmed | Status::Enrolled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StaffId;

    fn at(seconds: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    fn task() -> Task {
        let id = |byte| StudentId::new(at(0), [byte; 10]);
        let title = TaskTitle::parse("Birth certificate").unwrap();
        Task::new(TaskId::from_bytes(*id(1).as_bytes()), id(2), title, None, at(0))
    }

    fn somebody(byte: u8) -> Actor {
        Actor::Staff(StaffId::new(at(0), [byte; 10]))
    }

    #[test]
    fn a_title_is_one_line_of_up_to_120_characters() {
        let parse = |text: &str| TaskTitle::parse(text).map(|title| title.as_str().to_owned());
        assert_eq!(parse("  Fee \n paid\u{0} ").as_deref(), Ok("Fee paid"));
        assert_eq!(parse(" \u{0}\n"), Err(TaskTitleError::Missing));
        assert_eq!(parse(&"ë".repeat(120)).map(|title| title.chars().count()), Ok(120));
        assert_eq!(parse(&"ë".repeat(121)), Err(TaskTitleError::TooLong));
        assert!(!format!("{:?}", task().title).contains("Birth"));
    }

    #[test]
    fn the_first_completion_is_remembered_when_an_item_is_opened_again() {
        let open = task();
        let done = open.marked(TaskState::Done, somebody(1), at(5)).unwrap();
        assert_eq!((done.version.get(), done.mark.completed_at), (2, Some(at(5))));
        assert!(done.is_first_completion(&open));
        assert_eq!(done.marked(TaskState::Done, somebody(2), at(6)), None, "it is done already");
        let again = done.marked(TaskState::Open, somebody(1), at(7)).unwrap();
        assert_eq!((again.mark.state, again.mark.completed_by), (TaskState::Open, None));
        let twice = again.marked(TaskState::Done, somebody(2), at(8)).unwrap();
        assert_eq!(twice.mark.completed_at, Some(at(5)));
        assert_eq!(twice.mark.completed_by, somebody(2).id().copied());
        assert!(!twice.is_first_completion(&again));
    }

    #[test]
    fn an_entry_tells_what_undoing_restores_and_no_text() {
        let done = task().marked(TaskState::Done, somebody(1), at(5)).unwrap();
        let waived = done.marked(TaskState::Waived, somebody(2), at(6)).unwrap();
        let new = || JournalEntry::new(at(6), somebody(2), Action::Edited, None);
        let entry = waived.entry_of(Action::TaskMarked, Some(&done), new());
        let change = MarkChange { task: done.id, made: waived.version, before: done.mark };
        assert_eq!(MarkChange::of(&entry), Some(change));
        assert!(!format!("{entry:?}").contains("Birth"), "{entry:?}");
        assert_eq!(MarkChange::of(&done.entry_of(Action::TaskCreated, None, new())), None);
        assert_eq!(MarkChange::of(&new()), None);
    }

    #[test]
    fn an_edit_names_what_it_changes() {
        let open = task();
        assert_eq!(open.edited(&open.values(), somebody(1), at(1)), None);
        let values = TaskValues {
            due_on: NaiveDate::from_ymd_opt(2026, 9, 15),
            state: TaskState::Waived,
            ..open.values()
        };
        let (edited, fields) = open.edited(&values, somebody(1), at(1)).unwrap();
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

    #[test]
    fn a_template_is_given_at_once_when_it_has_settled_and_once_a_day() {
        let template = TaskTemplate {
            id: TemplateId::new(at(0), [3; 10]),
            title: task().title,
            position: 1,
            is_active: true,
            changed_at: at(0),
            version: Version::FIRST,
        };
        assert!(template.is_due(None, at(0)));
        assert!(!template.is_due(Some(at(0)), at(59)), "not settled yet");
        assert!(template.is_due(Some(at(59)), at(60)));
        assert!(!template.is_due(Some(at(60)), at(61)));
        assert!(template.is_due(Some(at(60)), at(61 + 86_400)));
        let inactive = TaskTemplate { is_active: false, ..template };
        assert!(!inactive.is_due(None, at(0)) && !inactive.is_due(Some(at(59)), at(60)));
    }
}
