//! The one-time message of a page: what was done, or why it was not.

use askama::{Template, filters::HtmlSafe};
use chrono::{DateTime, Utc};
use registration_domain::{Field, OperationId, PerField, Status, StudentId, StudentRecord};

use super::{
    moment::{Moment, Sentence},
    names,
    outcome::Outcome,
    paths,
};
use crate::{i18n::desk::DeskMessages, web::locale::RequestLocale};

/// A message with its subject, status and link, each where it has one.
#[derive(Clone, Debug, Template)]
#[template(path = "desk/banner.html")]
pub(crate) struct Banner {
    text: &'static DeskMessages,
    is_problem: bool,
    subject: Option<String>,
    /// A status and its words.
    status: Option<(Status, &'static str)>,
    sentence: Option<Sentence>,
    link: Option<(String, String)>,
    undo: Option<Undo>,
}

/// The button that undoes what was done.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    label: &'static str,
    redo: &'static str,
    action: String,
    /// The page to which it leads back.
    next: String,
}

impl Undo {
    /// For this operation, on the page at `here`.
    pub(crate) fn new(locale: RequestLocale, id: OperationId, here: &str) -> Self {
        let all = &locale.messages().desk.operations;
        let action = paths::href(locale, &paths::undo(id));
        Self { label: all.undo, redo: all.redo, action, next: here.to_owned() }
    }

    /// For an operation that has undone another.
    pub(crate) fn redo(self) -> Self {
        Self { label: self.redo, ..self }
    }
}

/// Its template escapes the texts.
impl HtmlSafe for Banner {}

/// What a colleague changed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) who: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) fields: Vec<Field>,
    pub(crate) status: bool,
}

impl Change {
    /// What was changed, as part of a sentence.
    pub(super) fn what(&self, text: &DeskMessages) -> String {
        let fields = self.fields.iter().map(|field| text.stale.the_field(*field));
        let all: Vec<_> = fields.chain(self.status.then_some(text.stale.the_status)).collect();
        if all.is_empty() { text.stale.the_record.to_owned() } else { names::list(all, text) }
    }
}

impl Banner {
    fn plain(locale: RequestLocale, sentence: impl Into<Sentence>) -> Self {
        Self {
            text: &locale.messages().desk,
            is_problem: false,
            subject: None,
            status: None,
            sentence: Some(sentence.into()),
            link: None,
            undo: None,
        }
    }

    /// What was done is undone.
    pub(crate) fn undone(locale: RequestLocale) -> Self {
        Self::plain(locale, locale.messages().desk.operations.undone)
    }

    /// Several students should be changed, and none is ticked.
    pub(crate) fn nothing_ticked(locale: RequestLocale) -> Self {
        let sentence = locale.messages().desk.operations.nothing_ticked;
        Self { is_problem: true, ..Self::plain(locale, sentence) }
    }

    /// With a button that undoes it.
    pub(crate) fn with_undo(self, undo: Option<Undo>) -> Self {
        Self { undo, ..self }
    }

    fn about(locale: RequestLocale, record: &StudentRecord, sentence: Sentence) -> Self {
        let text = &locale.messages().desk;
        let link = (text.banners.look.to_owned(), student_href(locale, record.id));
        let subject = Some(full_name(&record.texts));
        Self { subject, link: Some(link), ..Self::plain(locale, sentence) }
    }

    /// A status was changed: name, new status, link.
    pub(crate) fn status_changed(locale: RequestLocale, record: &StudentRecord) -> Self {
        let banner = Self::about(locale, record, "".into());
        let words = banner.text.statuses.of(record.status);
        Self { status: Some((record.status, words)), sentence: None, ..banner }
    }

    /// A student was entered.
    pub(crate) fn created(locale: RequestLocale, record: &StudentRecord) -> Self {
        Self::about(locale, record, locale.messages().desk.banners.created.into())
    }

    /// A student was edited; `changed` is false where the values were the same.
    pub(crate) fn edited(locale: RequestLocale, changed: bool) -> Self {
        let banners = &locale.messages().desk.banners;
        Self::plain(locale, if changed { banners.edited } else { banners.unchanged })
    }

    /// A decision was not saved, because a colleague changed the student before.
    pub(crate) fn stale(locale: RequestLocale, record: &StudentRecord, change: &Change) -> Self {
        let messages = locale.messages();
        let sentence = messages.desk.banners.stale.replace("{who}", &change.who);
        let sentence = sentence.replace("{what}", &change.what(&messages.desk));
        let sentence = Sentence::with_time(&sentence, Moment::new(change.at, messages));
        Self { is_problem: true, ..Self::about(locale, record, sentence) }
    }

    /// A decision is not possible from the student's status.
    pub(crate) fn illegal(locale: RequestLocale, record: &StudentRecord, to: Status) -> Self {
        let text = &locale.messages().desk;
        let words = |status: &Status| text.statuses.of(*status);
        let sentence = if record.status == to {
            text.banners.illegal_none.to_owned()
        } else {
            let allowed = names::list(record.status.allowed().iter().map(words), text);
            let sentence = text.banners.illegal.replace("{from}", words(&record.status));
            sentence.replace("{allowed}", &allowed)
        };
        Self { is_problem: true, ..Self::about(locale, record, sentence.into()) }
    }

    /// A student is not enrolled: this number of checklist items is open.
    pub(crate) fn tasks_open(locale: RequestLocale, open: usize) -> Self {
        let text = &locale.messages().desk;
        let sentence = match open {
            1 => text.checklist.tasks_open_one.to_owned(),
            open => {
                let count = names::number(open, text);
                text.checklist.tasks_open_many.replace("{count}", &count)
            }
        };
        Self { is_problem: true, ..Self::plain(locale, sentence) }
    }

    /// The message on the page to which its link leads.
    pub(super) fn without_link(self) -> Self {
        Self { link: None, ..self }
    }

    /// What was done, or not, in one sentence; `subject` names a colleague or a token.
    pub(crate) fn of(locale: RequestLocale, outcome: Outcome, subject: Option<&str>) -> Self {
        let banner = Self::plain(locale, locale.messages().desk.of(outcome));
        let subject = subject.map(str::to_owned);
        Self { is_problem: outcome.is_problem(), subject, ..banner }
    }
}

/// First and last name.
pub(super) fn full_name(texts: &PerField<String>) -> String {
    format!("{} {}", texts.first_name, texts.last_name)
}

fn student_href(locale: RequestLocale, id: StudentId) -> String {
    locale.href(&paths::student(id))
}
