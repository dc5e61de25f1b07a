//! An operation: what it will do, and what it has done.

use askama::Template;
use registration_application::desk::operations::{OperationView, Preview};
use registration_domain::{Operation, Skip, Status, StudentRecord, TaskTemplate, TaskTitle};

use super::{
    banner::{Banner, full_name},
    decide::{self, ReasonOption, RefusedDecision},
    errors::FormErrors,
    layout::DeskLayout,
    moment::{Moment, Sentence},
    names, paths,
    students::TICK,
};
use crate::i18n::desk::DeskMessages;

/// What an operation does with its students.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Decide(Status),
    Tick(TaskTemplate),
}

/// Names that a page lists for a reason.
const LISTED: usize = 50;

/// Students who stay as they are, for one reason.
pub(super) struct SkipGroup {
    reason: &'static str,
    count: String,
    /// Names and links.
    students: Vec<(String, String)>,
    more: Option<String>,
}

impl SkipGroup {
    fn new(
        layout: &DeskLayout,
        (skip, is_tick): (Skip, bool),
        count: usize,
        records: &[StudentRecord],
    ) -> Self {
        let listed = records.iter().take(LISTED);
        let student = |record: &StudentRecord| {
            (full_name(&record.texts), layout.href(&paths::student(record.id)))
        };
        let students: Vec<_> = listed.map(student).collect();
        let rest = count.saturating_sub(students.len());
        let more = || counted(layout.text.operations.and_more, rest, layout.text);
        Self {
            reason: match skip {
                Skip::Unchanged if is_tick => layout.text.checklist.unchanged,
                skip => layout.text.operations.reason(skip),
            },
            count: names::number(count, layout.text),
            more: (rest > 0).then(more),
            students,
        }
    }
}

/// A sentence with a number.
fn counted(sentence: &str, count: usize, text: &DeskMessages) -> String {
    sentence.replace("{count}", &names::number(count, text))
}

/// The sentence for none, one or more.
fn plural(count: usize, sentences: [&'static str; 3], text: &DeskMessages) -> String {
    let [none, one, many] = sentences;
    match count {
        0 => none.to_owned(),
        1 => one.to_owned(),
        count => counted(many, count, text),
    }
}

/// What an operation will do.
#[derive(Template)]
#[template(path = "desk/operation_new.html")]
pub(crate) struct PreviewPage {
    layout: DeskLayout,
    errors: FormErrors,
    applies: String,
    status: Option<(&'static str, &'static str)>,
    skips: Vec<SkipGroup>,
    missing: Option<String>,
    action: String,
    /// The selection, to be sent again.
    carried: Vec<(String, String)>,
    to: String,
    takes_note: bool,
    is_rejecting: bool,
    reasons: Vec<ReasonOption>,
    note: String,
    button: Option<String>,
    back: String,
}

impl PreviewPage {
    /// `carried` is the selection as it was sent, `back` the list that it was made in.
    pub(crate) fn new(
        layout: DeskLayout,
        preview: &Preview,
        what: &What,
        carried: Vec<(String, String)>,
        refused: Option<&RefusedDecision>,
        back: &str,
    ) -> Self {
        let text = layout.text;
        let all = &text.operations;
        let applies = preview.applies;
        let (to, tick) = match what {
            What::Decide(to) => (Some(*to), None),
            What::Tick(template) => (None, Some(template)),
        };
        let group = |(skip, records): &(Skip, Vec<StudentRecord>)| {
            SkipGroup::new(&layout, (*skip, tick.is_some()), records.len(), records)
        };
        let own = &text.checklist;
        let (sentences, buttons) = match tick {
            None => (
                [all.applies_none, all.applies_one, all.applies_many],
                ["", all.button_one, all.button_many],
            ),
            Some(_) => (
                [own.applies_none, own.applies_one, own.applies_many],
                ["", own.button_one, own.button_many],
            ),
        };
        let item = tick.map(|template| template.title.as_str()).unwrap_or_default();
        let value = match (to, tick) {
            (Some(to), _) => to.as_str().to_owned(),
            (None, tick) => tick.map(|one| format!("{TICK}{}", one.id)).unwrap_or_default(),
        };
        let missing = || plural(preview.missing, ["", all.missing_one, all.missing_many], text);
        Self {
            errors: decide::errors(refused, text),
            applies: plural(applies, sentences, text).replace("{item}", item),
            status: to.filter(|_| applies > 0).map(|to| (to.as_str(), text.statuses.of(to))),
            skips: preview.skipped.iter().map(group).collect(),
            missing: (preview.missing > 0).then(missing),
            action: layout.href(paths::OPERATIONS),
            carried,
            to: value,
            takes_note: to.is_some(),
            is_rejecting: to == Some(Status::Rejected),
            reasons: decide::reasons(refused.and_then(|refused| refused.reason), text),
            note: refused.map(|refused| refused.note.clone()).unwrap_or_default(),
            button: (applies > 0).then(|| plural(applies, buttons, text)),
            back: layout.href(back),
            layout,
        }
    }
}

/// What an operation has done.
#[derive(Template)]
#[template(path = "desk/operation.html")]
pub(crate) struct OperationPage {
    layout: DeskLayout,
    is_running: bool,
    applied: String,
    status: Option<(&'static str, &'static str)>,
    waiting: Option<String>,
    begun_by: Sentence,
    skips: Vec<SkipGroup>,
    here: String,
    /// The form that undoes it, and its button.
    undo: Option<(String, &'static str)>,
    back: String,
}

impl OperationPage {
    pub(crate) fn new(layout: DeskLayout, view: &OperationView, may_undo: bool) -> Self {
        let text = layout.text;
        let all = &text.operations;
        let banner = layout.banner.clone().map(Banner::without_link);
        let layout = DeskLayout { banner, ..layout };
        let records = |skip: Skip| {
            let found = view.skipped.iter().find(|(one, _)| *one == skip);
            found.map(|(_, records)| records.as_slice()).unwrap_or_default()
        };
        let group = |(skip, count): &(Skip, usize)| {
            SkipGroup::new(&layout, (*skip, view.task.is_some()), *count, records(*skip))
        };
        let own = &text.checklist;
        let item = view.task.as_ref().map(TaskTitle::as_str).unwrap_or_default();
        let sentences = match (view.to, &view.task) {
            (Some(_), _) => [all.applied_none, all.applied_one, all.applied_many],
            (None, Some(_)) => [own.applied_none, own.applied_one, own.applied_many],
            (None, None) => [all.applied_none, all.undone_one, all.undone_many],
        };
        let who = view.by_name.as_deref().unwrap_or(text.history.program);
        let begun_by = all.begun_by.replace("{who}", who);
        let label = match (view.finished_at, view.undoes) {
            (None, _) => all.stop_and_undo,
            (Some(_), Some(_)) => all.redo,
            (Some(_), None) => all.undo_all,
        };
        let to = view.to.filter(|_| view.applied > 0);
        let waiting = || plural(view.waiting, ["", all.waiting_one, all.waiting_many], text);
        Self {
            is_running: view.finished_at.is_none(),
            applied: plural(view.applied, sentences, text).replace("{item}", item),
            status: to.map(|to| (to.as_str(), text.statuses.of(to))),
            waiting: (view.waiting > 0).then(waiting),
            begun_by: Sentence::with_time(&begun_by, Moment::new(view.at, layout.messages)),
            skips: view.skips.iter().map(group).collect(),
            here: layout.href(&paths::operation(view.id)),
            undo: may_undo.then(|| (layout.href(&paths::undo(view.id)), label)),
            back: layout.href(paths::STUDENTS),
            layout,
        }
    }
}

/// How long an operation can be undone, in whole days.
const _: () = assert!(Operation::UNDO_WINDOW.num_days() == 30, "as the texts say");
