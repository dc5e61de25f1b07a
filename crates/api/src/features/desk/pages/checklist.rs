//! The checklist: its items with how many students lack them, and a student's own.

use askama::{Template, filters::HtmlSafe};
use registration_application::desk::checklist::Overview;
use registration_domain::{
    Permission, StudentId, StudentRecord, Task, TaskCount, TaskState, TaskTemplate, TaskTitleError,
    TemplateCount, TemplateId,
};

use super::{
    banner::full_name,
    errors::FormErrors,
    layout::DeskLayout,
    moment::{Moment, Sentence, day},
    names::{self, Names},
    paths,
    text_field::TextField,
};
use crate::i18n::desk::ChecklistMessages;

/// Why a form of the checklist was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskFormError {
    Title(TaskTitleError),
    DueOn,
    Place,
}

/// A form of the checklist as it was sent, to be shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskForm {
    pub(crate) title: String,
    pub(crate) due_on: String,
    /// The template whose form it is.
    pub(crate) template: Option<TemplateForm>,
    pub(crate) error: Option<TaskFormError>,
}

/// What only the form of a template has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateForm {
    pub(crate) id: TemplateId,
    pub(crate) position: String,
    pub(crate) is_active: bool,
}

impl TaskForm {
    pub(super) fn errors(&self, layout: &DeskLayout) -> FormErrors {
        let text = &layout.text.checklist;
        let Some(error) = self.error else { return FormErrors::default() };
        let (name, error) = match error {
            TaskFormError::Title(error) => ("title", text.title_error(error)),
            TaskFormError::DueOn => ("due_on", text.due_invalid),
            TaskFormError::Place => ("position", text.place_invalid),
        };
        let id = match &self.template {
            Some(template) => id_of(name, template.id),
            None => name.to_owned(),
        };
        FormErrors::one(id, Some(error))
    }
}

/// The id of a field in the form of a template.
fn id_of(name: &str, template: TemplateId) -> String {
    format!("{name}-{template}")
}

/// An item that every student with a place gets.
struct TemplateRow {
    id: String,
    title: String,
    version: u32,
    is_active: bool,
    form: TemplateFields,
    missing: String,
    /// The list of those who lack it, and what the link says.
    students: String,
    students_label: String,
    there: String,
    oldest: Option<Moment>,
    action: String,
}

/// The form that changes a template.
struct TemplateFields {
    title: TextField,
    position: TextField,
    is_active: bool,
    is_refused: bool,
}

impl TemplateFields {
    fn new(template: &TaskTemplate, form: &TaskForm, layout: &DeskLayout) -> Self {
        let (id, text) = (template.id, &layout.text.checklist);
        let refused = form.template.as_ref().filter(|form| form.id == id);
        let errors = form.errors(layout);
        let field = |name, label| TextField::new(name, label, &errors).id(id_of(name, id), &errors);
        let title = refused.map_or(template.title.as_str(), |_| &form.title);
        let position = refused.map(|form| form.position.clone());
        Self {
            title: field("title", text.title).value(title),
            position: field("position", text.place)
                .value(&position.unwrap_or_else(|| template.position.to_string())),
            is_active: refused.map_or(template.is_active, |form| form.is_active),
            is_refused: refused.is_some(),
        }
    }
}

/// An open item of a single student.
struct OtherRow {
    name: String,
    href: String,
    title: String,
    due: String,
    since: Moment,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/checklist.html")]
pub(crate) struct ChecklistPage {
    layout: DeskLayout,
    errors: FormErrors,
    templates: Vec<TemplateRow>,
    may_manage: bool,
    action: String,
    title: TextField,
    others: Vec<OtherRow>,
    more: Option<String>,
}

impl ChecklistPage {
    /// `form` is a refused one.
    pub(crate) fn new(layout: DeskLayout, overview: &Overview, form: &TaskForm) -> Self {
        let text = &layout.text.checklist;
        let number = |count: usize| names::number(count, layout.text);
        let row = |(template, counted): &(TaskTemplate, TemplateCount)| {
            let TaskCount { open, done } = counted.count;
            let title = template.title.as_str().to_owned();
            let list = paths::query([("task", &*template.id.to_string())]);
            TemplateRow {
                id: template.id.to_string(),
                version: template.version.get(),
                is_active: template.is_active,
                form: TemplateFields::new(template, form, &layout),
                missing: number(open),
                students: layout.href(&format!("{}{list}", paths::STUDENTS)),
                students_label: text.missing_of.replace("{item}", &title),
                there: number(done),
                oldest: counted.oldest.map(|at| Moment::short(at, layout.messages)),
                action: layout.href(&paths::template(template.id)),
                title,
            }
        };
        let other = |(task, record): &(Task, StudentRecord)| OtherRow {
            name: full_name(&record.texts),
            href: format!("{}#checklist", layout.href(&paths::student(record.id))),
            title: task.title.as_str().to_owned(),
            due: task.due_on.map(|one| day(one, layout.messages)).unwrap_or_default(),
            since: Moment::short(task.created_at, layout.messages),
        };
        let errors = form.errors(&layout);
        let title = TextField::new("title", text.title, &errors).hint(text.new_hint);
        let typed = if form.template.is_none() { &*form.title } else { "" };
        let more = || text.of_one_more.replace("{count}", &number(overview.others.len()));
        Self {
            templates: overview.templates.iter().map(row).collect(),
            may_manage: layout.may(Permission::SettingsManage),
            action: layout.href(paths::TEMPLATES),
            title: title.value(typed),
            others: overview.others.iter().map(other).collect(),
            more: overview.has_more.then(more),
            errors,
            layout,
        }
    }
}

/// An item of a student.
struct TaskRow {
    action: String,
    title: String,
    version: u32,
    state: &'static str,
    state_words: &'static str,
    due: Option<String>,
    done: Option<Sentence>,
    is_open: bool,
    /// An item of this student alone can be deleted.
    is_own: bool,
}

/// A student's checklist, within the student's page.
#[derive(Template)]
#[template(path = "desk/tasks.html")]
pub(super) struct TasksPanel {
    text: &'static ChecklistMessages,
    count: Option<String>,
    tasks: Vec<TaskRow>,
    may_write: bool,
    action: String,
    next: String,
    title: TextField,
    due_on: TextField,
    is_adding: bool,
    student: String,
    key: String,
}

/// Its template escapes the texts.
impl HtmlSafe for TasksPanel {}

impl TasksPanel {
    /// `next` is the page that the forms lead back to.
    pub(super) fn new(
        layout: &DeskLayout,
        student: StudentId,
        tasks: &[Task],
        names: &Names,
        form: &TaskForm,
        next: &str,
    ) -> Self {
        let text = &layout.text.checklist;
        let row = |task: &Task| {
            let mark = task.mark;
            let by = mark.completed_by.filter(|_| mark.state == TaskState::Done);
            let done = by.zip(mark.completed_at).map(|(by, at)| {
                let who = names.of_id(&by, layout.text);
                let sentence = text.done_by.replace("{who}", &who);
                Sentence::with_time(&sentence, Moment::short(at, layout.messages))
            });
            TaskRow {
                action: layout.href(&paths::task(task.id)),
                title: task.title.as_str().to_owned(),
                version: task.version.get(),
                state: mark.state.as_str(),
                state_words: text.state(mark.state),
                due: task
                    .due_on
                    .map(|one| text.due_on.replace("{day}", &day(one, layout.messages))),
                done,
                is_open: mark.state == TaskState::Open,
                is_own: task.template.is_none(),
            }
        };
        let errors = form.errors(layout);
        let counted = |state| tasks.iter().filter(|task| task.mark.state == state).count();
        let (open, done) = (counted(TaskState::Open), counted(TaskState::Done));
        let number = |count| names::number(count, layout.text);
        let count = || {
            let count = text.count.replace("{done}", &number(done));
            count.replace("{all}", &number(open + done))
        };
        Self {
            text,
            count: (open + done > 0).then(count),
            tasks: tasks.iter().map(row).collect(),
            may_write: layout.may(Permission::TasksWrite),
            action: layout.href(&paths::of_student(student, "tasks")),
            next: next.to_owned(),
            title: TextField::new("title", text.title, &errors).value(&form.title),
            due_on: TextField::new("due_on", text.due_label, &errors)
                .input("date", "off")
                .optional()
                .value(&form.due_on),
            is_adding: !errors.is_empty(),
            student: student.to_string(),
            key: layout.key.clone(),
        }
    }
}
