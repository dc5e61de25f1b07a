//! Step 4: how far the import has come, and its result.

use askama::Template;
use registration_application::desk::imports::ImportView;
use registration_domain::ImportState;

use super::{
    super::{layout::DeskLayout, names, paths},
    unreadable,
};

/// The page.
#[derive(Template)]
#[template(path = "desk/import.html")]
pub(crate) struct ImportPage {
    layout: DeskLayout,
    heading: &'static str,
    file_name: String,
    is_running: bool,
    sentences: Vec<String>,
    hint: Option<&'static str>,
    here: String,
    /// The file with the rows that did not go in, and what the link says.
    errors: Option<(String, String)>,
    /// The form that undoes it.
    undo: Option<String>,
    /// The page on which another reading is chosen.
    reading: Option<String>,
    /// The form that gives it up.
    cancel: Option<String>,
    students: String,
    imports: String,
}

impl ImportPage {
    pub(crate) fn new(layout: DeskLayout, view: &ImportView, may_undo: bool) -> Self {
        let (text, import) = (&layout.text.imports, &view.import);
        let state = import.state;
        let is_running = matches!(state, ImportState::Reading | ImportState::Running);
        let left_out = view.counts.left_out();
        let has_result = matches!(state, ImportState::Done | ImportState::Cancelled);
        let label = match left_out {
            1 => text.download_one.to_owned(),
            count => text.download_many.replace("{count}", &names::number(count, layout.text)),
        };
        let errors = layout.href(&paths::import_errors(import.id));
        Self {
            heading: match state {
                ImportState::Reading => text.planning,
                ImportState::Running => text.running,
                ImportState::Failed => text.failed,
                ImportState::Cancelled => text.cancelled,
                _ => text.done,
            },
            file_name: import.file_name.clone(),
            is_running,
            sentences: sentences(&layout, view),
            hint: (state == ImportState::Failed).then_some(text.failed_hint),
            here: layout.href(&paths::import(import.id)),
            errors: (has_result && left_out > 0).then_some((errors, label)),
            undo: may_undo.then(|| layout.href(&paths::undo(import.id))),
            reading: (state == ImportState::Failed)
                .then(|| layout.href(&format!("{}?step=reading", paths::import(import.id)))),
            cancel: (!state.is_final()).then(|| layout.href(&paths::import_cancel(import.id))),
            students: layout.href(paths::STUDENTS),
            imports: layout.href(paths::IMPORTS),
            layout,
        }
    }
}

fn sentences(layout: &DeskLayout, view: &ImportView) -> Vec<String> {
    let (text, import) = (&layout.text.imports, &view.import);
    let number = |count| names::number(count, layout.text);
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => one.to_owned(),
        count => many.replace("{count}", &number(count)),
    };
    match import.state {
        ImportState::Reading => {
            vec![text.planning_hint.replace("{count}", &number(view.counts.total()))]
        }
        ImportState::Running => {
            let done = view.import.created + view.import.updated + view.counts.changed_since;
            let sentence = text.running_count.replace("{done}", &number(done));
            vec![sentence.replace("{count}", &number(view.counts.to_store()))]
        }
        ImportState::Failed => {
            import.problem.iter().map(|problem| unreadable(layout, *problem)).collect()
        }
        _ => {
            let created = match import.created {
                0 => text.created_none.to_owned(),
                count => counted(count, text.created_one, text.created_many),
            };
            let updated = counted(import.updated, text.updated_one, text.updated_many);
            let left_out = counted(view.counts.left_out(), text.stays_out_one, text.stays_out_many);
            let mut sentences = vec![created];
            sentences.extend((import.updated > 0).then_some(updated));
            sentences.extend((view.counts.left_out() > 0).then_some(left_out));
            sentences
        }
    }
}
