//! The list as it is printed: the page is the preview.

use askama::Template;
use chrono::{DateTime, Utc};
use registration_application::desk::exports::Printed;
use registration_domain::StudentRecord;

use super::{
    errors::FormErrors,
    layout::DeskLayout,
    moment::{Moment, Sentence},
    names, paths,
    text_field::TextField,
};
use crate::web::form::Form;

/// Longest title, in characters.
const MAX_TITLE: usize = 100;
/// Most empty lines.
const MAX_LINES: usize = 50;

/// What is printed besides the names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PrintOptions {
    title: String,
    lines: String,
    with_email: bool,
    with_status: bool,
    with_signature: bool,
}

impl PrintOptions {
    /// Those of an address. Opened from the list, the page has a column for signatures.
    pub(crate) fn read(form: &Form) -> Self {
        let is_first = form.get("shown").is_empty();
        let has = |name: &str| form.get(name) == "on";
        Self {
            title: form.get("title").chars().take(MAX_TITLE).collect(),
            lines: form.get("lines").to_owned(),
            with_email: has("email"),
            with_status: has("status_column"),
            with_signature: is_first || has("signature"),
        }
    }

    /// The number of empty lines; `None` where it is none.
    fn lines(&self) -> Option<usize> {
        match self.lines.trim() {
            "" => Some(0),
            lines => lines.parse().ok().filter(|lines| *lines <= MAX_LINES),
        }
    }
}

/// A line of the list; empty ones are for people who come in.
#[derive(Default)]
struct Line {
    number: usize,
    name: String,
    email: String,
    status: &'static str,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/print.html")]
pub(crate) struct PrintPage {
    layout: DeskLayout,
    errors: FormErrors,
    carried: Vec<(&'static str, String)>,
    title: String,
    title_field: TextField,
    lines_field: TextField,
    options: PrintOptions,
    count: String,
    printed_by: Sentence,
    lines: Vec<Line>,
    has_more: bool,
    action: String,
    back: String,
}

impl PrintPage {
    /// Whether an option is none.
    pub(crate) fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// `carried` are the filters and the order of the list.
    pub(crate) fn new(
        layout: DeskLayout,
        carried: Vec<(&'static str, String)>,
        options: &PrintOptions,
        printed: &Printed,
        now: DateTime<Utc>,
    ) -> Self {
        let text = &layout.text.print;
        let is_wrong = options.lines().is_none();
        let errors = FormErrors::one("lines", is_wrong.then_some(text.lines_invalid));
        let title = match options.title.trim() {
            "" => text.default_title.to_owned(),
            title => title.to_owned(),
        };
        let line = |(number, record): (usize, &StudentRecord)| Line {
            number,
            // By last name, as such lists are read.
            name: format!("{} {}", record.texts.last_name, record.texts.first_name),
            email: record.texts.email.clone(),
            status: layout.text.statuses.of(record.status),
        };
        let students = printed.students.len();
        let empty = options.lines().unwrap_or(0);
        let empty = (students + 1..).take(empty).map(|number| Line { number, ..Line::default() });
        let query = paths::query(carried.iter().map(|(name, value)| (*name, value.as_str())));
        let who = layout.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
        let printed_by = text.printed_by.replace("{who}", &who);
        Self {
            title_field: TextField::new("title", text.title, &errors).optional().value(&title),
            lines_field: TextField::new("lines", text.lines, &errors)
                .optional()
                .value(&options.lines),
            options: options.clone(),
            count: match students {
                1 => text.students_one.to_owned(),
                count => text.students_many.replace("{count}", &names::number(count, layout.text)),
            },
            printed_by: Sentence::with_time(&printed_by, Moment::new(now, layout.messages)),
            lines: (1..).zip(&printed.students).map(line).chain(empty).collect(),
            has_more: printed.has_more,
            action: layout.href(paths::PRINT),
            back: layout.href(&format!("{}{query}", paths::STUDENTS)),
            errors,
            carried,
            title,
            layout,
        }
    }
}
