//! The list of students.

use askama::Template;
use registration_application::desk::{operations::Moment, students::TaskCounts};
use registration_domain::{
    CappedCount, Permission, RosterPage, RowId, Sort, Status, StudentRecord, TaskTemplate,
};

use super::{
    decide::{self, ReasonOption},
    layout::DeskLayout,
    list_filter::{self, Chip, DayInput, InForce, SortColumn, SourceOption},
    list_rows::Row,
    names, paths,
    roster_params::RosterParams,
};
use crate::web::{paths as public_paths, roster_query};

/// What was found.
pub(crate) struct Listing<'a> {
    /// The page; `None` where the search text is too long to be searched.
    pub(crate) page: Option<&'a RosterPage>,
    /// The items of its students.
    pub(crate) tasks: Option<&'a TaskCounts>,
    /// The templates of the checklist.
    pub(crate) templates: &'a [TaskTemplate],
    /// How many students each status has, with the other filters in force.
    pub(crate) counts: &'a [(Status, CappedCount)],
    /// The moment of the list: students of later rows are not part of it.
    pub(crate) as_of: Option<Moment>,
    /// The cursors of the neighbouring pages.
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// The number of the first row, where it is known.
    pub(crate) first_row: Option<usize>,
    /// Whether the person has the keys of the list switched on.
    pub(crate) shortcuts: bool,
}

/// What is shown in place of the table.
pub(super) enum Empty {
    /// There is no student at all.
    NoStudents { form: String, staff: Option<String> },
    /// No student matches the search and the filters.
    NoMatch { heading: String, without_filters: Option<String>, everyone: String },
}

/// The page.
#[derive(Template)]
#[template(path = "desk/students.html")]
pub(crate) struct StudentsPage {
    layout: DeskLayout,
    params: RosterParams,
    chips: Vec<Chip>,
    sources: Vec<SourceOption>,
    /// The items of which one may be missing: values, labels and which is chosen; none without a checklist.
    items: Vec<(String, String, bool)>,
    has_checklist: bool,
    days: [DayInput; 2],
    in_force: Vec<InForce>,
    everyone: String,
    name: SortColumn,
    registered: SortColumn,
    rows: Vec<Row>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
    warnings: Vec<String>,
    empty: Option<Empty>,
    /// Where decisions lead back to.
    here: String,
    may_decide: bool,
    shortcuts: bool,
    reasons: Vec<ReasonOption>,
    profile: String,
    /// The form that changes several students: where it posts, its statuses, and the list's filters.
    bulk: String,
    statuses: Vec<(&'static str, &'static str)>,
    /// What completes an item of each: values and labels.
    ticks: Vec<(String, String)>,
    filters: Vec<(&'static str, String)>,
    as_of: String,
    /// The page that offers the list as a file.
    export: Option<String>,
    /// The list as it is printed.
    print: String,
}

impl StudentsPage {
    /// The list that `params` ask for.
    pub(crate) fn new(layout: DeskLayout, params: RosterParams, found: &Listing<'_>) -> Self {
        let layout = DeskLayout { search: params.q.clone(), ..layout };
        let students = found.page.map(|page| &*page.students).unwrap_or_default();
        let here = params.path_and_query();
        let has_checklist =
            !found.templates.is_empty() || found.tasks.is_some_and(|t| !t.is_empty());
        let row = |(row, record): &(RowId, StudentRecord)| {
            let count = found.tasks.and_then(|tasks| tasks.get(row)).copied();
            Row::new(&layout, record, count.unwrap_or_default(), &here)
        };
        let rows: Vec<_> = students.iter().map(row).collect();
        let at = |cursor: &Option<String>| {
            let cursor = cursor.clone()?;
            Some(list_filter::href(&layout, &params.at(cursor)))
        };
        let everyone = layout.href(paths::STUDENTS);
        let nothing = rows.is_empty() && found.page.is_some();
        Self {
            chips: list_filter::chips(&layout, &params, found.counts),
            sources: list_filter::sources(&layout, &params),
            items: list_filter::items(&layout, &params, found.templates),
            has_checklist,
            ticks: ticks(&layout, found.templates),
            days: list_filter::days(&layout, &params),
            in_force: list_filter::in_force(&layout, &params, found.templates),
            name: list_filter::sort_column(&layout, &params, true),
            registered: list_filter::sort_column(&layout, &params, false),
            range: range(&layout, rows.len(), found.first_row),
            previous: at(&found.previous),
            next: at(&found.next),
            warnings: warnings(&layout, found),
            empty: nothing.then(|| empty(&layout, &params, everyone.clone())),
            here,
            may_decide: layout.may(Permission::StudentsDecide),
            shortcuts: found.shortcuts,
            reasons: decide::reasons(None, layout.text),
            profile: layout.href(paths::PROFILE),
            bulk: layout.href(paths::NEW_OPERATION),
            statuses: Status::ALL.map(|to| (to.as_str(), layout.text.statuses.of(to))).into(),
            filters: params.filters().collect(),
            as_of: found.as_of.map(roster_query::moment_text).unwrap_or_default(),
            export: layout
                .may(Permission::ExportsRead)
                .then(|| to(&layout, paths::EXPORT, &params)),
            print: to(&layout, paths::PRINT, &params),
            everyone,
            rows,
            params,
            layout,
        }
    }
}

/// Another page about the same list.
fn to(layout: &DeskLayout, path: &str, params: &RosterParams) -> String {
    let filters: Vec<_> = params.filters().collect();
    let filters = filters.iter().map(|(name, value)| (*name, value.as_str()));
    let sort = (params.sort != Sort::default()).then_some(("sort", params.sort.as_str()));
    layout.href(&format!("{path}{}", paths::query(filters.chain(sort))))
}

/// What ticks an item of several students at once, for a person who may.
fn ticks(layout: &DeskLayout, templates: &[TaskTemplate]) -> Vec<(String, String)> {
    let may_tick = layout.may(Permission::TasksWrite);
    let offered = templates.iter().filter(|template| may_tick && template.is_active);
    let option = |template: &TaskTemplate| {
        let label = layout.text.checklist.tick_many.replace("{item}", template.title.as_str());
        (format!("{TICK}{}", template.id), label)
    };
    offered.map(option).collect()
}

/// What stands before a template's id in the form that changes several students.
pub(crate) const TICK: &str = "tick.";

/// "1–50", or how many there are where the first one's number is not known.
fn range(layout: &DeskLayout, rows: usize, first: Option<usize>) -> String {
    let list = &layout.text.list;
    let number = |value: usize| names::number(value, layout.text);
    match first {
        _ if rows == 1 && first.is_none_or(|first| first == 1) => list.one_row.to_owned(),
        Some(first) => {
            let last = number(first + rows.saturating_sub(1));
            list.rows_known.replace("{first}", &number(first)).replace("{last}", &last)
        }
        None => list.rows.replace("{count}", &number(rows)),
    }
}

fn warnings(layout: &DeskLayout, found: &Listing<'_>) -> Vec<String> {
    let list = &layout.text.list;
    let behind = match found.page.map_or(0, |page| page.behind) {
        0 => None,
        1 => Some(list.behind_one.to_owned()),
        count => Some(list.behind_many.replace("{count}", &names::number(count, layout.text))),
    };
    let is_cut = found.page.is_some_and(|page| page.is_cut);
    let cut = is_cut.then(|| list.cut.to_owned());
    let too_long = found.page.is_none().then(|| list.too_long.to_owned());
    [too_long, cut, behind].into_iter().flatten().collect()
}

fn empty(layout: &DeskLayout, params: &RosterParams, everyone: String) -> Empty {
    if params.is_everyone() && params.cursor.is_none() {
        let invite = layout.may(Permission::StaffManage);
        return Empty::NoStudents {
            form: layout.locale.href(public_paths::HOME),
            staff: invite.then(|| layout.href(paths::STAFF)),
        };
    }
    let list = &layout.text.list;
    let words = params.q.trim();
    let search_only = RosterParams { q: params.q.clone(), ..RosterParams::default() };
    let is_filtered = search_only.path_and_query() != params.changed(|_| ()).path_and_query();
    Empty::NoMatch {
        heading: match words {
            "" => list.nothing_found.to_owned(),
            words => list.nothing_found_for.replace("{words}", words),
        },
        without_filters: (is_filtered && !words.is_empty())
            .then(|| list_filter::href(layout, &search_only)),
        everyone,
    }
}
