//! What happened to a student.

use registration_application::desk::students::Undoable;
use registration_domain::{
    Action, Field, JournalRow, OperationId, Status, StoredNote, StudentRecord, Task, TaskState,
};

use super::{
    layout::DeskLayout,
    moment::Moment,
    names::{self, Names},
    paths,
};
use crate::i18n::desk::DeskMessages;

/// An entry of the journal.
pub(super) struct HistoryEntry {
    pub(super) who: String,
    pub(super) what: String,
    pub(super) when: Moment,
    pub(super) is_sealed: bool,
    /// The seal's number in words, or that there is none yet.
    pub(super) seal: String,
    /// The form that undoes it.
    pub(super) undo: Option<String>,
    /// The page of an operation that changed other students as well, which undoes them together.
    pub(super) together: Option<String>,
}

/// A note.
pub(super) struct NoteEntry {
    pub(super) who: String,
    pub(super) when: Moment,
    pub(super) text: String,
}

/// An entry, with a button where its operation can be undone.
pub(super) fn entry(
    layout: &DeskLayout,
    row: &JournalRow,
    names: &Names,
    undoable: &[Undoable],
    tasks: &[Task],
) -> HistoryEntry {
    let text = layout.text;
    let change = undoable.iter().find(|one| Some(one.operation) == row.entry.operation);
    let link = |path: fn(OperationId) -> String, of_several: bool| {
        let change = change.filter(|one| one.is_of_several == of_several)?;
        Some(layout.href(&path(change.operation)))
    };
    let number = |seal: i64| text.history.sealed.replace("{number}", &seal.to_string());
    HistoryEntry {
        who: names.of(row.entry.actor, text),
        what: sentence(text, row, tasks),
        when: Moment::short(row.entry.at, layout.messages),
        is_sealed: row.seal.is_some(),
        seal: row.seal.map_or_else(|| text.history.not_sealed.to_owned(), number),
        undo: link(paths::undo, false),
        together: link(paths::operation, true),
    }
}

/// The registration, which is in the journal among those of others.
pub(super) fn registered(layout: &DeskLayout, record: &StudentRecord) -> HistoryEntry {
    HistoryEntry {
        who: layout.text.history.applicant.to_owned(),
        what: layout.text.history.registered.to_owned(),
        when: Moment::short(record.created_at, layout.messages),
        is_sealed: false,
        seal: layout.text.history.in_journal.to_owned(),
        undo: None,
        together: None,
    }
}

pub(super) fn note(layout: &DeskLayout, note: &StoredNote, names: &Names) -> NoteEntry {
    let program = || layout.text.history.program.to_owned();
    NoteEntry {
        who: note.author.map_or_else(program, |author| names.of_staff(author, layout.text)),
        when: Moment::short(note.at, layout.messages),
        text: note.note.as_str().to_owned(),
    }
}

/// What was done, or undone. `tasks` are the items of the student.
pub(super) fn sentence(text: &DeskMessages, row: &JournalRow, tasks: &[Task]) -> String {
    match row.entry.detail.contains_key("undoes") {
        // Its own sentence says so.
        true if row.entry.action == Action::TaskMarked => what(text, row, tasks),
        true => text.operations.undid.replace("{change}", &what(text, row, tasks)),
        false => what(text, row, tasks),
    }
}

/// `tasks` are the items of the student. Reads the details `from`, `to`, `reason_code` and `fields`.
fn what(text: &DeskMessages, row: &JournalRow, tasks: &[Task]) -> String {
    let history = &text.history;
    let detail = |name: &str| row.entry.detail.get(name).map(String::as_str).unwrap_or_default();
    let status = |name: &str| {
        let status = detail(name).parse::<Status>();
        status.map_or_else(|_| detail(name).to_owned(), |s| text.statuses.of(s).to_owned())
    };
    let task = |sentence: &str| {
        let item = tasks.iter().find(|task| task.id.to_string() == detail("task"));
        let title = item.map(|task| format!("“{}”", task.title.as_str()));
        sentence.replace("{item}", title.as_deref().unwrap_or(text.checklist.an_item))
    };
    match row.entry.action {
        Action::Registered => history.registered.to_owned(),
        Action::Created => history.created.to_owned(),
        Action::Erased => history.erased.to_owned(),
        Action::Viewed => history.viewed.to_owned(),
        Action::StatusChanged => {
            let change = history.status_changed.replace("{from}", &status("from"));
            let change = change.replace("{to}", &status("to"));
            match detail("reason_code").parse() {
                Ok(reason) => format!("{change}: {}", text.decide.reason_text(reason)),
                Err(_) => change,
            }
        }
        Action::Edited => {
            let fields = detail("fields").split(',').filter_map(|name| name.trim().parse().ok());
            let fields: Vec<Field> = fields.collect();
            let fields = names::list(fields.iter().map(|f| text.stale.the_field(*f)), text);
            history
                .edited
                .replace("{what}", if fields.is_empty() { text.stale.the_record } else { &fields })
        }
        Action::TaskCreated => task(text.checklist.was_added),
        Action::TaskEdited => task(text.checklist.was_edited),
        Action::TaskDeleted => text.checklist.was_deleted.to_owned(),
        Action::TaskMarked => task(match detail("to").parse() {
            Ok(TaskState::Done) => text.checklist.was_ticked,
            Ok(TaskState::Waived) => text.checklist.was_waived,
            Ok(TaskState::Open) | Err(_) if row.entry.detail.contains_key("undoes") => {
                text.checklist.was_unticked
            }
            Ok(TaskState::Open) | Err(_) => text.checklist.was_reopened,
        }),
        Action::TemplateCreated
        | Action::TemplateChanged
        | Action::Exported
        | Action::ExportEnded
        | Action::Printed
        | Action::Imported
        | Action::StaffInvited
        | Action::StaffJoined
        | Action::LinkCreated
        | Action::PasswordChanged
        | Action::StaffChanged
        | Action::SignedIn
        | Action::SessionsEnded
        | Action::TokenCreated
        | Action::TokenRevoked => history.other.to_owned(),
    }
}
