//! The page with the numbers of the last day.

use askama::Template;
use registration_application::desk::today::{LatestChange, Numbers};
use registration_domain::{CappedCount, Permission, StaffId};

use super::{
    banner::full_name,
    history,
    layout::DeskLayout,
    list_filter::capped,
    moment::{Moment, Sentence},
    names::{self, Names},
    paths,
};
use crate::web::paths as public_paths;

/// The page.
#[derive(Template)]
#[template(path = "desk/today.html")]
pub(crate) struct TodayPage {
    counted: Sentence,
    refresh: String,
    numbers: Vec<Number>,
    /// The links of the page before anyone has registered.
    empty: Option<(String, Option<String>)>,
    behind: Option<String>,
    hours: Vec<Hour>,
    failures_hint: Sentence,
    failures: Vec<Failure>,
    changes: Vec<Change>,
    layout: DeskLayout,
}

struct Number {
    value: String,
    label: Sentence,
    href: String,
}

struct Hour {
    at: Moment,
    count: String,
    /// Of the busiest hour.
    percent: usize,
}

struct Failure {
    field: &'static str,
    error: &'static str,
    count: String,
}

struct Change {
    who: String,
    what: String,
    /// The student, or how many.
    of: String,
    href: Option<String>,
    when: Moment,
}

impl TodayPage {
    /// The page for this person.
    pub(crate) fn new(layout: DeskLayout, found: &Numbers, person: StaffId) -> Self {
        let (text, since) = (&layout.text.today, found.since());
        let at = |at| Moment::short(at, layout.messages);
        let names = Names::new(&found.staff, &[]);
        let changes = found.changes_by_others(person).map(|one| change(&layout, one, &names));
        let failure = |(error, count): &(registration_domain::FieldError, u64)| Failure {
            field: layout.messages.fields.get(error.field).label,
            error: text.error(error.code),
            count: number(&layout, usize::try_from(*count).unwrap_or(usize::MAX)),
        };
        let behind = text.behind.replace("{count}", &number(&layout, found.behind));
        let invite = layout.may(Permission::StaffManage);
        let links =
            || (layout.locale.href(public_paths::HOME), invite.then(|| layout.href(paths::STAFF)));
        Self {
            counted: Sentence::with_time(text.counted, at(found.at)),
            refresh: layout.href(paths::TODAY),
            numbers: numbers(&layout, found),
            empty: (!found.has_students).then(links),
            behind: (found.behind > 0).then_some(behind),
            hours: hours(&layout, found),
            failures_hint: Sentence::with_time(text.failures_hint, at(since)),
            failures: found.failures.iter().map(failure).collect(),
            changes: changes.collect(),
            layout,
        }
    }
}

fn number(layout: &DeskLayout, number: usize) -> String {
    names::number(number, layout.text)
}

fn numbers(layout: &DeskLayout, found: &Numbers) -> Vec<Number> {
    let (text, since) = (&layout.text.today, found.since());
    let list = |name: &'static str, value: &str| {
        layout.href(&format!("{}{}", paths::STUDENTS, paths::query([(name, value)])))
    };
    let counted = |count: CappedCount, label: &str, href: String| Number {
        value: capped(layout, count),
        label: label.into(),
        href,
    };
    let from = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let registered = Number {
        value: number(layout, found.registered()),
        label: Sentence::with_time(text.registered, Moment::short(since, layout.messages)),
        href: list("registered_from", &from),
    };
    vec![
        registered,
        counted(found.pending, text.pending, list("status", "pending")),
        counted(found.waitlisted, text.waitlisted, list("status", "waitlisted")),
        counted(found.lacking, text.lacking, list("task", "any")),
    ]
}

/// The latest hour first.
fn hours(layout: &DeskLayout, found: &Numbers) -> Vec<Hour> {
    let most = found.hours.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let hour = |&(at, count): &(chrono::DateTime<chrono::Utc>, usize)| Hour {
        at: Moment::hour(at),
        count: number(layout, count),
        percent: (count * 100).div_ceil(most),
    };
    found.hours.iter().rev().map(hour).collect()
}

fn change(layout: &DeskLayout, change: &LatestChange, names: &Names) -> Change {
    let (text, entry) = (&layout.text.today, &change.row.entry);
    let operation = entry.operation.filter(|_| change.students > 1);
    let (of, href) = match (operation, &change.student) {
        (Some(operation), _) => (
            text.of_several.replace("{count}", &number(layout, change.students)),
            layout.may_decide().then(|| paths::operation(operation)),
        ),
        (None, Some(student)) => (full_name(&student.texts), Some(paths::student(student.id))),
        (None, None) => (text.erased.to_owned(), None),
    };
    Change {
        who: names.of(entry.actor, layout.text),
        what: history::sentence(layout.text, &change.row, &[]),
        of,
        href: href.map(|path| layout.href(&path)),
        when: Moment::short(entry.at, layout.messages),
    }
}
