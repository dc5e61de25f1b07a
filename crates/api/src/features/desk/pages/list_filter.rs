//! The filters of the list: which are offered, and which are in force.

use askama::{Template, filters::HtmlSafe};
use chrono::NaiveDate;
use registration_domain::{CappedCount, Sort, Source, Status, TaskTemplate};

use super::{
    layout::DeskLayout,
    names,
    roster_params::{RosterParams, toggle},
};

/// A link that adds or removes a status.
pub(super) struct Chip {
    pub(super) label: &'static str,
    pub(super) count: Option<String>,
    pub(super) href: String,
    pub(super) is_on: bool,
}

/// A choice of the select element.
pub(super) struct SourceOption {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_chosen: bool,
}

/// The input of a day.
pub(super) struct DayInput {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Text where the address names a time, which an input of a day would drop.
    pub(super) kind: &'static str,
    pub(super) value: String,
}

/// A filter in force, and the list without it.
pub(super) struct InForce {
    pub(super) text: String,
    pub(super) href: String,
}

/// The heading of a column that can be sorted.
#[derive(Template)]
#[template(path = "desk/sort.html")]
pub(super) struct SortColumn {
    label: &'static str,
    href: String,
    /// The value of `aria-sort`, where the list is sorted by this column.
    order: Option<&'static str>,
    /// What the link does.
    effect: &'static str,
}

/// Its template escapes the texts.
impl HtmlSafe for SortColumn {}

pub(super) fn chips(
    layout: &DeskLayout,
    params: &RosterParams,
    counts: &[(Status, CappedCount)],
) -> Vec<Chip> {
    let all = Chip {
        label: layout.text.list.all,
        count: None,
        href: href(layout, &params.changed(|params| params.statuses.clear())),
        is_on: params.statuses.is_empty(),
    };
    let chip = |status: Status| Chip {
        label: layout.text.statuses.of(status),
        count: counts.iter().find(|(other, _)| *other == status).map(|(_, c)| capped(layout, *c)),
        href: href(layout, &params.changed(|params| toggle(&mut params.statuses, status))),
        is_on: params.statuses.contains(&status),
    };
    [all].into_iter().chain(Status::ALL.map(chip)).collect()
}

/// "1,000+" where there are more.
pub(super) fn capped(layout: &DeskLayout, count: CappedCount) -> String {
    let plus = if count.is_capped { "+" } else { "" };
    format!("{}{plus}", names::number(count.count, layout.text))
}

pub(super) fn sources(layout: &DeskLayout, params: &RosterParams) -> Vec<SourceOption> {
    let option = |source: Source| SourceOption {
        value: source.as_str(),
        label: layout.text.sources.of(source),
        is_chosen: params.sources.contains(&source),
    };
    Source::ALL.map(option).into()
}

pub(super) fn days(layout: &DeskLayout, params: &RosterParams) -> [DayInput; 2] {
    let input = |name, label, value: &str| {
        let is_day = value.is_empty() || value.parse::<NaiveDate>().is_ok();
        let kind = if is_day { "date" } else { "text" };
        DayInput { name, label, kind, value: value.to_owned() }
    };
    let list = &layout.text.list;
    [
        input("registered_from", list.from, &params.registered_from),
        input("registered_to", list.until, &params.registered_to),
    ]
}

/// The items of which one may be missing; none without a checklist.
pub(super) fn items(
    layout: &DeskLayout,
    params: &RosterParams,
    templates: &[TaskTemplate],
) -> Vec<(String, String, bool)> {
    if templates.is_empty() && params.task.is_empty() {
        return Vec::new();
    }
    let any = (ANY_TASK.to_owned(), layout.text.checklist.anything.to_owned());
    let item = |one: &TaskTemplate| (one.id.to_string(), one.title.as_str().to_owned());
    let all = [any].into_iter().chain(templates.iter().map(item));
    all.map(|(value, label)| (value == params.task, value, label))
        .map(|(is_chosen, value, label)| (value, label, is_chosen))
        .collect()
}

/// The value of the filter for students who lack any item.
const ANY_TASK: &str = "any";

pub(super) fn in_force(
    layout: &DeskLayout,
    params: &RosterParams,
    templates: &[TaskTemplate],
) -> Vec<InForce> {
    let filter =
        |text: String, without: &RosterParams| InForce { text, href: href(layout, without) };
    let words = params.q.trim();
    let search = (!words.is_empty()).then(|| {
        let text = layout.text.list.searched.replace("{words}", words);
        filter(text, &params.changed(|params| params.q.clear()))
    });
    let statuses = params.statuses.iter().map(|status| {
        let without = params.changed(|params| toggle(&mut params.statuses, *status));
        filter(layout.text.statuses.of(*status).to_owned(), &without)
    });
    let sources = params.sources.iter().map(|source| {
        let text = format!("{}: {}", layout.text.sources.label, layout.text.sources.of(*source));
        filter(text, &params.changed(|params| toggle(&mut params.sources, *source)))
    });
    let missing = (!params.task.is_empty()).then(|| {
        let item = templates.iter().find(|template| template.id.to_string() == params.task);
        let text = match item {
            Some(item) => layout.text.checklist.lacks.replace("{item}", item.title.as_str()),
            None => layout.text.checklist.lacks_anything.to_owned(),
        };
        filter(text, &params.changed(|params| params.task.clear()))
    });
    let list = &layout.text.list;
    let from = (!params.registered_from.is_empty()).then(|| {
        let text = list.registered_from.replace("{day}", &params.registered_from);
        filter(text, &params.changed(|params| params.registered_from.clear()))
    });
    let to = (!params.registered_to.is_empty()).then(|| {
        let text = list.registered_to.replace("{day}", &params.registered_to);
        filter(text, &params.changed(|params| params.registered_to.clear()))
    });
    search.into_iter().chain(statuses).chain(sources).chain(missing).chain(from).chain(to).collect()
}

/// The column of names, or that of times.
pub(super) fn sort_column(layout: &DeskLayout, params: &RosterParams, by_name: bool) -> SortColumn {
    let list = &layout.text.list;
    let is_current = params.sort.is_by_name() == by_name;
    let is_descending = params.sort.is_descending();
    let to = match (by_name, is_current && !is_descending) {
        (true, false) => Sort::Name,
        (true, true) => Sort::NameReversed,
        (false, true) => Sort::NewestFirst,
        (false, false) if is_current => Sort::OldestFirst,
        (false, false) => Sort::NewestFirst,
    };
    SortColumn {
        label: if by_name { list.name } else { list.registered },
        href: href(layout, &params.changed(|params| params.sort = to)),
        order: is_current.then_some(if is_descending { "descending" } else { "ascending" }),
        effect: if to.is_descending() { list.sort_descending } else { list.sort_ascending },
    }
}

pub(super) fn href(layout: &DeskLayout, params: &RosterParams) -> String {
    layout.href(&params.path_and_query())
}
