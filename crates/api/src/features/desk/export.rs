//! The page that offers the list as a file.

use actix_web::HttpResponse;

use super::{
    pages::{ExportPage, Here},
    request::DeskRequest,
};
use crate::web::{problem::Problem, roster_query};

#[tracing::instrument(name = "view_export_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let (parameters, query) = roster_query::parse(request.http.query_string())?;
    let layout = request.layout(Here::Students).await?;
    let count = request.desk.exports.count(query.filter).await?;
    request.page(&ExportPage::new(layout, parameters.into_pairs(), count.ok()))
}
