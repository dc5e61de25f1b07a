//! Step 1: the file, and the latest imports.

use askama::Template;
use registration_domain::{Import, Unreadable};

use super::{
    super::{errors::FormErrors, layout::DeskLayout, moment::Moment, names::Names, paths},
    unreadable,
};

/// An import of the list.
struct Row {
    name: String,
    href: String,
    state: &'static str,
    who: String,
    when: Moment,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/imports.html")]
pub(crate) struct ImportsPage {
    layout: DeskLayout,
    errors: FormErrors,
    hint: Option<&'static str>,
    action: String,
    rows: Vec<Row>,
}

impl ImportsPage {
    /// `refused`: no file was sent, or one that cannot be read.
    pub(crate) fn new(
        layout: DeskLayout,
        latest: &[Import],
        names: &Names,
        refused: Option<Option<Unreadable>>,
    ) -> Self {
        let text = &layout.text.imports;
        let error = refused.map(|refused| match refused {
            None => text.no_file.to_owned(),
            Some(problem) => unreadable(&layout, problem),
        });
        let row = |import: &Import| Row {
            name: import.file_name.clone(),
            href: layout.href(&paths::import(import.id)),
            state: text.state(import.state),
            who: names.of(import.actor, layout.text),
            when: Moment::short(import.at, layout.messages),
        };
        Self {
            errors: FormErrors::one("file", error),
            hint: refused.flatten().map(|_| text.failed_hint),
            action: layout.href(paths::IMPORTS),
            rows: latest.iter().map(row).collect(),
            layout,
        }
    }
}
