//! The page that asks before a student is erased.

use askama::Template;
use registration_domain::StudentRecord;

use super::{
    banner::full_name, errors::FormErrors, layout::DeskLayout, paths, text_field::TextField,
};

/// The page.
#[derive(Template)]
#[template(path = "desk/erase.html")]
pub(crate) struct ErasePage {
    layout: DeskLayout,
    errors: FormErrors,
    name: String,
    number: String,
    version: u32,
    action: String,
    back: String,
    confirm: TextField,
}

impl ErasePage {
    /// The page; `typed` is what was typed in place of the name.
    pub(crate) fn new(layout: DeskLayout, record: &StudentRecord, typed: Option<&str>) -> Self {
        let text = &layout.text.erase;
        let name = full_name(&record.texts);
        let errors = FormErrors::one("confirm", typed.map(|_| text.differs));
        let confirm = TextField::new("confirm", text.label, &errors);
        Self {
            confirm: confirm
                .hint(text.hint.replace("{name}", &name))
                .value(typed.unwrap_or_default()),
            number: record.id.registration_number(),
            version: record.version.get(),
            action: layout.href(&paths::of_student(record.id, "erase")),
            back: layout.href(&paths::student(record.id)),
            name,
            errors,
            layout,
        }
    }

    /// Whether what was typed is the student's name, in any spacing.
    pub(crate) fn is_name(record: &StudentRecord, typed: &str) -> bool {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        words(typed) == words(&full_name(&record.texts))
    }
}
