//! The page that offers the list as a file.

use actix_web::HttpResponse;
use registration_domain::RosterQuery;

use super::{
    pages::{ExportPage, Here},
    request::DeskRequest,
};
use crate::web::{problem::Problem, roster_query};

#[tracing::instrument(name = "view_export_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let (parameters, query) = roster_query::parse(request.http.query_string())?;
    let layout = request.layout(Here::Students).await?;
    let students = &request.desk.students;
    let count = students.count(query.filter.clone()).await?;
    let page = students.list(RosterQuery { limit: 1, ..query }).await?;
    let is_whole = page.is_some_and(|(page, _)| !page.is_cut && page.behind == 0);
    request.page(&ExportPage::new(layout, parameters.into_pairs(), is_whole.then_some(count)))
}
