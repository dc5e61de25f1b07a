//! Applications one after the other.

use askama::Template;
use registration_domain::{CappedCount, StoredNote, StudentRecord};

use super::{
    banner::full_name,
    decide::{self, DecisionButton, ReasonOption},
    errors::FormErrors,
    history::{self, NoteEntry},
    layout::DeskLayout,
    list_filter::capped,
    moment::Moment,
    names::{self, Names},
    paths,
};

/// What the page shows.
pub(crate) struct Reviewed<'a> {
    /// The application to decide on; `None` where there is none.
    pub(crate) current: Option<&'a StudentRecord>,
    /// `None` where the person has no right to them.
    pub(crate) notes: Option<&'a [StoredNote]>,
    /// The next ones.
    pub(crate) queue: Vec<StudentRecord>,
    pub(crate) names: &'a Names,
    /// How many the filter finds.
    pub(crate) left: CappedCount,
    /// How many the person has decided on today.
    pub(crate) decided: usize,
    /// The address behind this application.
    pub(crate) skip: Option<String>,
    /// The address of this page.
    pub(crate) here: String,
    pub(crate) shortcuts: bool,
}

/// An application.
struct Application {
    version: u32,
    name: String,
    email: String,
    number: String,
    registered: Moment,
    source: &'static str,
    status: &'static str,
    status_words: &'static str,
    href: String,
    action: String,
    buttons: Vec<DecisionButton>,
    notes: Vec<NoteEntry>,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/review.html")]
pub(crate) struct ReviewPage {
    layout: DeskLayout,
    errors: FormErrors,
    progress: String,
    application: Option<Application>,
    /// Names and statuses.
    queue: Vec<(String, &'static str, &'static str)>,
    skip: Option<String>,
    /// The review from its first application, where some are left that were skipped.
    again: Option<String>,
    students: String,
    here: String,
    reasons: Vec<ReasonOption>,
    note: String,
    shortcuts: bool,
}

impl ReviewPage {
    pub(crate) fn new(layout: DeskLayout, reviewed: &Reviewed<'_>) -> Self {
        let text = layout.text;
        let Reviewed { current, left, decided, .. } = reviewed;
        let application = current.map(|record| Application {
            version: record.version.get(),
            name: full_name(&record.texts),
            email: record.texts.email.clone(),
            number: record.id.registration_number(),
            registered: Moment::new(record.created_at, layout.messages),
            source: text.sources.of(record.origin.source),
            status: record.status.as_str(),
            status_words: text.statuses.of(record.status),
            href: layout.href(&paths::student(record.id)),
            action: layout.href(&paths::of_student(record.id, "status")),
            buttons: decide::quick_buttons(record.status, text),
            notes: reviewed
                .notes
                .unwrap_or_default()
                .iter()
                .map(|note| history::note(&layout, note, reviewed.names))
                .collect(),
        });
        let waiting = |record: &StudentRecord| {
            let words = text.statuses.of(record.status);
            (full_name(&record.texts), record.status.as_str(), words)
        };
        let count = capped(&layout, *left);
        let remaining = match left.count {
            1 => text.review.left_one.to_owned(),
            _ => text.review.left_many.replace("{count}", &count),
        };
        let done = text.review.decided.replace("{count}", &names::number(*decided, text));
        let is_behind_all = application.is_none() && left.count > 0;
        Self {
            errors: FormErrors::default(),
            progress: format!("{remaining} {done}"),
            queue: reviewed.queue.iter().map(waiting).collect(),
            skip: reviewed.skip.as_deref().map(|skip| layout.href(skip)),
            again: is_behind_all.then(|| layout.href(paths::REVIEW)),
            students: layout.href(paths::STUDENTS),
            here: reviewed.here.clone(),
            reasons: decide::reasons(None, text),
            note: String::new(),
            shortcuts: reviewed.shortcuts,
            application,
            layout,
        }
    }
}
