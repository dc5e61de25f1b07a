//! The page with the numbers of the last day.

use actix_web::HttpResponse;

use super::{
    pages::{Here, TodayPage},
    request::DeskRequest,
};
use crate::{clock, web::problem::Problem};

#[tracing::instrument(name = "view_today_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let numbers = request.desk.today.numbers(clock::now()).await?;
    let layout = request.layout(Here::Today).await?;
    request.page(&TodayPage::new(layout, &numbers, request.caller.staff.id))
}
