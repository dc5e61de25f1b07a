//! After signing in again: the form that was carried, to be sent with one button.

use askama::Template;

use super::layout::DeskLayout;

/// The page.
#[derive(Template)]
#[template(path = "desk/resume.html")]
pub(crate) struct ResumePage {
    layout: DeskLayout,
    action: String,
    fields: Vec<(String, String)>,
}

impl ResumePage {
    /// The page for a form with this path and query, and these fields.
    pub(crate) fn new(layout: DeskLayout, path: &str, fields: Vec<(String, String)>) -> Self {
        Self { action: layout.href(path), fields, layout }
    }
}
