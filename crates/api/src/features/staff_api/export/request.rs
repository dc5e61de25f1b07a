//! What the address of an export asks for.

use actix_web::{
    HttpRequest,
    http::{StatusCode, Version},
};
use registration_domain::{RosterFilter, Sort};

use crate::web::{
    export::{Column, Style},
    form::Form,
    locale::RequestLocale,
    problem::Problem,
    roster_query::{self, invalid_filter},
};

/// Which students, in which order, and how they are written.
pub(super) struct ExportRequest {
    pub(super) filter: RosterFilter,
    pub(super) sort: Sort,
    pub(super) style: Style,
}

impl ExportRequest {
    pub(super) fn read(request: &HttpRequest, locale: RequestLocale) -> Result<Self, Problem> {
        // Its end is that of the connection: a file that breaks off would look whole.
        if request.version() < Version::HTTP_11 {
            let status = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
            return Err(Problem::new(status, "http_version", |m| m.http_version));
        }
        let form = Form::parse(request.query_string().as_bytes())?;
        let (mut columns, mut roster) = (Vec::new(), Vec::new());
        let (mut columns_are_chosen, mut safe, mut style) = (None, None, None);
        for pair @ (name, value) in form.fields().iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "column" => columns.push(column(value, &columns)?),
                "columns" => set(&mut columns_are_chosen, "columns", value, &[("chosen", true)])?,
                "safe" => set(&mut safe, "safe", value, &[("true", true), ("false", false)])?,
                "style" => set(&mut style, "style", value, &[("excel", true), ("machine", false)])?,
                "limit" => return Err(invalid_filter("limit")),
                "cursor" => return Err(invalid_filter("cursor")),
                _ => roster.push(pair),
            }
        }
        if columns.is_empty() && columns_are_chosen.is_some() {
            return Err(invalid_filter("column"));
        }
        let (parameters, roster) = roster_query::of_fields(roster)?;
        let is_sorted = !parameters.get("sort").is_empty();
        let text = style.unwrap_or(false).then(|| &locale.messages().desk);
        let style = Style {
            columns: if columns.is_empty() { Column::ALL.into() } else { columns },
            text,
            is_guarded: safe.unwrap_or(true),
            delimiter: text.map_or(b',', |text| text.export.delimiter),
        };
        let sort = if is_sorted { roster.sort } else { Sort::OldestFirst };
        Ok(Self { filter: roster.filter, sort, style })
    }
}

/// A column that is not among those before it.
fn column(name: &str, before: &[Column]) -> Result<Column, Problem> {
    let column = name.parse().ok().filter(|column| !before.contains(column));
    column.ok_or_else(|| invalid_filter("column"))
}

/// Sets a parameter that is given once, to what one of its texts means.
fn set(
    parameter: &mut Option<bool>,
    name: &'static str,
    text: &str,
    meanings: &[(&str, bool)],
) -> Result<(), Problem> {
    let meaning = meanings.iter().find(|(known, _)| *known == text);
    let (_, meaning) =
        meaning.filter(|_| parameter.is_none()).ok_or_else(|| invalid_filter(name))?;
    *parameter = Some(*meaning);
    Ok(())
}
