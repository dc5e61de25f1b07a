//! The list as it is printed.

use actix_web::HttpResponse;
use registration_application::desk::exports::ExportQuery;
use registration_domain::Sort;

use super::{
    pages::{Here, PrintOptions, PrintPage},
    request::DeskRequest,
};
use crate::{
    clock,
    web::{form::Form, problem::Problem, request_context, roster_query},
};

/// The parameters of the page that are not those of the list.
const OPTIONS: [&str; 6] = ["title", "lines", "email", "status_column", "signature", "shown"];

#[tracing::instrument(name = "print_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let form = Form::parse(request.http.query_string().as_bytes())?;
    let is_option = |name: &str| OPTIONS.contains(&name);
    let list = form.fields().iter().filter(|(name, _)| !is_option(name));
    let (parameters, roster) = roster_query::of_fields(list)?;
    let sort = if parameters.get("sort").is_empty() { Sort::Name } else { roster.sort };
    let options = PrintOptions::read(&form);
    let layout = request.layout(Here::Students).await?;
    let context = request_context::new()?;
    let query = ExportQuery { filter: roster.filter, sort, format: "paper" };
    let printed = request.desk.exports.print(query, request.caller.actor(), context).await?;
    let printed = printed.map_err(|_| roster_query::incomplete())?;
    let page = PrintPage::new(layout, parameters.into_pairs(), &options, &printed, clock::now());
    if page.is_refused() {
        Err(Problem::invalid_fields().with_page(&page))
    } else {
        request.page(&page)
    }
}
