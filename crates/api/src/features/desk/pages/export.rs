//! The page that offers the list as a file.

use askama::Template;

use super::{layout::DeskLayout, names, paths};
use crate::web::export::Column;

/// The page.
#[derive(Template)]
#[template(path = "desk/export.html")]
pub(crate) struct ExportPage {
    layout: DeskLayout,
    count: String,
    is_offered: bool,
    /// The filters and the order of the list.
    carried: Vec<(&'static str, String)>,
    columns: Vec<(&'static str, &'static str)>,
    csv: String,
    xlsx: String,
    back: String,
}

impl ExportPage {
    /// `carried` are the filters and the order of the list. `count` is the number of its students; `None`
    /// where its search does not find all of them.
    pub(crate) fn new(
        layout: DeskLayout,
        carried: Vec<(&'static str, String)>,
        count: Option<usize>,
    ) -> Self {
        let text = &layout.text.export;
        let query = paths::query(carried.iter().map(|(name, value)| (*name, value.as_str())));
        let sentence = match count {
            None => text.incomplete.to_owned(),
            Some(0) => text.none.to_owned(),
            Some(1) => text.one.to_owned(),
            Some(count) => text.many.replace("{count}", &names::number(count, layout.text)),
        };
        Self {
            count: sentence,
            is_offered: count.is_some_and(|count| count > 0),
            columns: Column::ALL.map(|one| (one.as_str(), one.heading(layout.text))).into(),
            csv: layout.href(paths::API_CSV),
            xlsx: layout.href(paths::API_XLSX),
            back: layout.href(&format!("{}{query}", paths::STUDENTS)),
            carried,
            layout,
        }
    }
}
