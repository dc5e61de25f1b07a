//! The rows of the list.

use registration_domain::{Permission, Status, StudentRecord, TaskCount};

use super::{
    banner::full_name,
    decide::{self, DecisionButton},
    layout::DeskLayout,
    moment::Moment,
    names, paths,
};

/// A student in the list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) full_name: String,
    /// The name of the box that chooses the student.
    pub(super) tick: String,
    pub(super) email: String,
    pub(super) href: String,
    pub(super) registered: Moment,
    pub(super) status: &'static str,
    pub(super) status_words: &'static str,
    /// Where the buttons post.
    pub(super) action: String,
    pub(super) buttons: Vec<DecisionButton>,
    pub(super) may_reject: bool,
    /// "2 of 4"; empty without a checklist.
    pub(super) tasks: String,
    pub(super) lacks_tasks: bool,
}

impl Row {
    /// `list` is the list's address, to which the student's page leads back.
    pub(super) fn new(
        layout: &DeskLayout,
        record: &StudentRecord,
        tasks: TaskCount,
        list: &str,
    ) -> Self {
        let may_decide = layout.may(Permission::StudentsDecide);
        let is_open = matches!(record.status, Status::Pending | Status::Waitlisted);
        let buttons = decide::quick_buttons(record.status, layout.text);
        let name = full_name(&record.texts);
        Self {
            tick: layout.text.operations.tick.replace("{name}", &name),
            id: record.id.to_string(),
            version: record.version.get(),
            first_name: record.texts.first_name.clone(),
            last_name: record.texts.last_name.clone(),
            full_name: name,
            email: record.texts.email.clone(),
            href: layout.href(&paths::student_from(record.id, list)),
            registered: Moment::short(record.created_at, layout.messages),
            status: record.status.as_str(),
            status_words: layout.text.statuses.of(record.status),
            action: layout.href(&paths::of_student(record.id, "status")),
            buttons: if may_decide { buttons } else { Vec::new() },
            may_reject: may_decide && is_open,
            tasks: counted(layout, tasks),
            lacks_tasks: tasks.open > 0,
        }
    }
}

/// "2 of 4".
fn counted(layout: &DeskLayout, TaskCount { open, done }: TaskCount) -> String {
    let number = |count| names::number(count, layout.text);
    let count = layout.text.checklist.count.replace("{done}", &number(done));
    if open + done == 0 { String::new() } else { count.replace("{all}", &number(open + done)) }
}
