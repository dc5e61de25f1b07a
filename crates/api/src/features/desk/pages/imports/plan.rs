//! Step 3: what each row does.

use askama::Template;
use registration_application::desk::imports::ImportView;
use registration_domain::{
    Doubt, Field, Import, ImportColumn, OperationId, PlannedRow, Status, Verdict,
};

use super::{
    super::{
        layout::DeskLayout,
        moment::{Moment, Sentence},
        names, paths,
    },
    heading,
};

/// Rows of a verdict.
struct Tab {
    label: &'static str,
    count: String,
    href: String,
    is_current: bool,
}

/// A row of the file.
pub(super) struct Row {
    line: String,
    /// Who it is about, as the file says.
    who: String,
    verdict: Verdict,
    what: &'static str,
    /// What changes, or why it is left out.
    details: Vec<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/import_plan.html")]
pub(crate) struct PlanPage {
    layout: DeskLayout,
    file_name: String,
    same_file: Option<(Sentence, String)>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    more: Option<String>,
    /// The button that stores the rows; why there is none.
    store: Result<String, &'static str>,
    stays_out: Option<String>,
    run: String,
    reading: String,
    cancel: String,
}

impl PlanPage {
    /// `rows` are those of the verdict, one more than `shown` where there are more.
    pub(crate) fn new(
        layout: DeskLayout,
        view: &ImportView,
        verdict: Option<Verdict>,
        mut rows: Vec<PlannedRow>,
        shown: usize,
    ) -> Self {
        let (text, import) = (&layout.text.imports, &view.import);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let last = rows.last().filter(|_| has_more).map(|row| row.row.line.to_string());
        let number = |count| names::number(count, layout.text);
        let (to_store, left_out) = (view.counts.to_store(), view.counts.left_out());
        let is_atomic = import.settings.choices.all_or_nothing;
        let is_refused = is_atomic && left_out > 0;
        let store = match to_store {
            _ if is_refused => Err(text.all_refused),
            count if is_atomic && count > Import::MAX_ATOMIC => Err(text.all_too_many),
            0 => Err(text.store_none),
            1 => Ok(text.store_one.to_owned()),
            count => Ok(text.store_many.replace("{count}", &number(count))),
        };
        let stays_out = match left_out {
            0 => None,
            1 => Some(text.stays_out_one.to_owned()),
            count => Some(text.stays_out_many.replace("{count}", &number(count))),
        };
        let same_file = view.same_file.as_ref().map(|earlier| {
            let at = Moment::short(earlier.at, layout.messages);
            (Sentence::with_time(text.same_file, at), layout.href(&paths::import(earlier.id)))
        });
        Self {
            file_name: import.file_name.clone(),
            same_file,
            tabs: tabs(&layout, view, verdict),
            rows: rows
                .iter()
                .map(|row| self::row(&layout, row, &import.settings.columns))
                .collect(),
            more: last.map(|last| layout.href(&address(import.id, verdict, Some(&last)))),
            store,
            stays_out,
            run: layout.href(&paths::import_run(import.id)),
            reading: layout.href(&format!("{}?step=reading", paths::import(import.id))),
            cancel: layout.href(&paths::import_cancel(import.id)),
            layout,
        }
    }
}

/// The page of the rows of a verdict, behind a line.
fn address(id: OperationId, verdict: Option<Verdict>, after: Option<&str>) -> String {
    let verdict = verdict.map(|verdict| ("verdict", verdict.as_str()));
    let after = after.map(|after| ("after", after));
    format!("{}{}", paths::import(id), paths::query(verdict.into_iter().chain(after)))
}

fn tabs(layout: &DeskLayout, view: &ImportView, current: Option<Verdict>) -> Vec<Tab> {
    let text = &layout.text.imports;
    let tab = |verdict: Option<Verdict>, label, count| Tab {
        label,
        count: names::number(count, layout.text),
        href: layout.href(&address(view.import.id, verdict, None)),
        is_current: verdict == current,
    };
    let all = tab(None, text.all_rows, view.counts.total());
    let others = Verdict::ALL.into_iter().filter_map(|verdict| {
        let count = view.counts.of_verdict(verdict);
        (count > 0).then(|| tab(Some(verdict), text.verdict(verdict), count))
    });
    std::iter::once(all).chain(others).collect()
}

/// A row with what it does.
pub(super) fn row(
    layout: &DeskLayout,
    planned: &PlannedRow,
    columns: &[Option<ImportColumn>],
) -> Row {
    let text = &layout.text.imports;
    let cell = |column: ImportColumn| {
        let position = columns.iter().position(|one| *one == Some(column))?;
        planned.row.cells.get(position).map(|cell| cell.text.trim())
    };
    let fields = [Field::FirstName, Field::LastName, Field::Email].map(ImportColumn::Field);
    let parts = fields.into_iter().filter_map(cell).filter(|part| !part.is_empty());
    let parts: Vec<_> = parts.collect();
    let mut who = parts.join(" ");
    if who.is_empty() {
        let texts = planned.row.cells.iter().map(|cell| cell.text.trim());
        who = texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    }
    let mut details: Vec<_> = planned.changes.iter().map(|one| change(layout, one)).collect();
    let why = text.why_left_out(planned, layout.messages);
    details.extend(Some(why).filter(|why| !why.is_empty()));
    if planned.row.cells.iter().any(|cell| cell.doubt == Some(Doubt::Formula)) {
        details.push(text.from_formula.to_owned());
    }
    Row {
        line: names::number(planned.row.line as usize, layout.text),
        who,
        verdict: planned.verdict,
        what: text.verdict(planned.verdict),
        details,
    }
}

fn change(layout: &DeskLayout, (name, from, to): &(String, String, String)) -> String {
    let column: Option<ImportColumn> = name.parse().ok();
    let words = |value: &str| match column {
        Some(ImportColumn::Status) => {
            let status: Option<Status> = value.parse().ok();
            status.map_or(value, |status| layout.text.statuses.of(status)).to_owned()
        }
        _ => value.to_owned(),
    };
    let label = column.map_or("", |column| heading(layout, column));
    format!("{label}: {} → {}", words(from), words(to))
}
