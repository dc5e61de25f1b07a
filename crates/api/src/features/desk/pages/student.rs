//! The page of a student.

use askama::Template;
use registration_application::desk::students::Undoable;
use registration_domain::{
    JournalRow, Permission, Source, Status, StoredNote, StudentRecord, Task,
};

use super::{
    banner::{Banner, full_name},
    checklist::{TaskForm, TasksPanel},
    decide::{self, DecisionButton, ReasonOption, RefusedDecision},
    errors::FormErrors,
    history::{self, HistoryEntry, NoteEntry},
    layout::DeskLayout,
    moment::Moment,
    names::{self, Names},
    paths::{self, STUDENTS},
};

/// Where a registration's trace and logs are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SupportLinks {
    pub(crate) trace: Option<String>,
    pub(crate) logs: Option<String>,
}

/// What the page shows.
pub(crate) struct StudentView<'a> {
    pub(crate) record: &'a StudentRecord,
    /// Both are `None` where the person has no right to them.
    pub(crate) notes: Option<&'a [StoredNote]>,
    pub(crate) history: Option<&'a [JournalRow]>,
    /// The changes that the person can undo.
    pub(crate) undoable: &'a [Undoable],
    pub(crate) tasks: &'a [Task],
    /// A refused form of the checklist.
    pub(crate) task_form: Option<&'a TaskForm>,
    /// Whether enrolling was refused because items are open, which the person may override.
    pub(crate) may_override: bool,
    pub(crate) names: &'a Names,
    pub(crate) links: SupportLinks,
    /// The names of the administrators, for a person who may not decide.
    pub(crate) admins: &'a [String],
    /// A refused decision.
    pub(crate) refused: Option<&'a RefusedDecision>,
    /// The list from which the page was opened: path and query.
    pub(crate) back: Option<&'a str>,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/student.html")]
pub(crate) struct StudentPage {
    layout: DeskLayout,
    errors: FormErrors,
    number: String,
    name: String,
    email: String,
    version: u32,
    status: &'static str,
    status_words: &'static str,
    source: &'static str,
    registered: Moment,
    changed: Option<Moment>,
    action: String,
    here: String,
    buttons: Vec<DecisionButton>,
    may_reject: bool,
    reasons: Vec<ReasonOption>,
    note: String,
    is_rejecting: bool,
    may_override: bool,
    tasks: TasksPanel,
    look_only: Option<String>,
    notes: Option<Vec<NoteEntry>>,
    history: Option<Vec<HistoryEntry>>,
    trace_id: Option<String>,
    links: SupportLinks,
    edit: Option<String>,
    erase: Option<String>,
    back: String,
}

impl StudentPage {
    /// The page for the person of the layout.
    pub(crate) fn new(layout: DeskLayout, view: &StudentView<'_>) -> Self {
        let banner = layout.banner.clone().map(Banner::without_link);
        let layout = DeskLayout { banner, ..layout };
        let (record, text) = (view.record, layout.text);
        let may_decide = layout.may(Permission::StudentsDecide);
        let to = |part, permission| {
            layout.may(permission).then(|| layout.href(&paths::of_student(record.id, part)))
        };
        let look_only = || names::who_can_give(view.admins, text);
        let here = paths::student_from(record.id, view.back.unwrap_or(STUDENTS));
        let form = view.task_form.cloned().unwrap_or_default();
        let tasks = TasksPanel::new(&layout, record.id, view.tasks, view.names, &form, &here);
        let errors = match view.task_form {
            Some(form) => form.errors(&layout),
            None => decide::errors(view.refused, text),
        };
        Self {
            errors,
            tasks,
            may_override: view.may_override,
            number: record.id.registration_number(),
            name: full_name(&record.texts),
            email: record.texts.email.clone(),
            version: record.version.get(),
            status: record.status.as_str(),
            status_words: text.statuses.of(record.status),
            source: text.sources.of(record.origin.source),
            registered: Moment::new(record.created_at, layout.messages),
            changed: record.updated_at.map(|at| Moment::new(at, layout.messages)),
            action: layout.href(&paths::of_student(record.id, "status")),
            here,
            buttons: if may_decide { decide::buttons(record.status, text) } else { Vec::new() },
            may_reject: may_decide && record.status.may_become(Status::Rejected),
            reasons: decide::reasons(view.refused.and_then(|refused| refused.reason), text),
            note: view.refused.map(|refused| refused.note.clone()).unwrap_or_default(),
            is_rejecting: view.refused.is_some(),
            look_only: (!may_decide).then(look_only),
            notes: view
                .notes
                .map(|notes| notes.iter().map(|n| history::note(&layout, n, view.names)).collect()),
            history: view.history.map(|rows| entries(&layout, view, rows)),
            trace_id: record.origin.trace_id.map(|id| id.to_string()),
            links: view.links.clone(),
            edit: to("edit", Permission::StudentsWrite),
            erase: to("erase", Permission::PrivacyManage),
            back: layout.href(view.back.unwrap_or(STUDENTS)),
            layout,
        }
    }
}

/// What happened, down to the registration.
fn entries(layout: &DeskLayout, view: &StudentView<'_>, rows: &[JournalRow]) -> Vec<HistoryEntry> {
    let record = view.record;
    let entry = |row| history::entry(layout, row, view.names, view.undoable, view.tasks);
    let changes = rows.iter().map(entry);
    let is_public = matches!(record.origin.source, Source::Form | Source::Api);
    let registered = is_public.then(|| history::registered(layout, record));
    changes.chain(registered).collect()
}
