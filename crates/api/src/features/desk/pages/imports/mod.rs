//! The pages of imports, one for each step.

mod list;
mod plan;
mod reading;
mod result;

pub(crate) use self::{
    list::ImportsPage, plan::PlanPage, reading::ReadingPage, result::ImportPage,
};

use registration_domain::{ImportColumn, Unreadable};

use super::layout::DeskLayout;
use crate::web::export::import_heading;

/// Why a file cannot be read, and where.
fn unreadable(layout: &DeskLayout, Unreadable { reason, line, column }: Unreadable) -> String {
    let text = &layout.text.imports;
    let place = match (line, column) {
        (Some(line), Some(column)) => text
            .where_column
            .replace("{line}", &line.to_string())
            .replace("{column}", &column.to_string()),
        (Some(line), None) => text.where_line.replace("{line}", &line.to_string()),
        (None, _) => String::new(),
    };
    let sentence = text.unreadable(reason);
    if place.is_empty() { sentence.to_owned() } else { format!("{sentence} {place}") }
}

/// What a column of an import is called.
fn heading(layout: &DeskLayout, column: ImportColumn) -> &'static str {
    import_heading(column, layout.text)
}
