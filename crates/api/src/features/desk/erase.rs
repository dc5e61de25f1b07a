//! Erasing a student, for good.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use registration_application::desk::students::ChangeError;

use super::{
    message,
    pages::{ErasePage, Here, Outcome},
    request::DeskRequest,
    student,
};
use crate::web::{path_id, paths, problem::Problem, request_context};

pub(crate) async fn form(request: DeskRequest, id: Path<String>) -> Result<HttpResponse, Problem> {
    let record = student::record(&request, path_id::parse(&id)?).await?;
    let layout = request.layout(Here::Elsewhere).await?;
    request.page(&ErasePage::new(layout, &record, None))
}

#[tracing::instrument(name = "erase_student_handler", skip_all)]
pub(crate) async fn post(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let record = student::record(&request, id).await?;
    let again = |record: &_| {
        let layout = request.layout_with(Here::Elsewhere, None);
        ErasePage::new(layout, record, Some(form.get("confirm")))
    };
    if !ErasePage::is_name(&record, form.get("confirm")) {
        return Err(Problem::invalid_fields().with_page(&again(&record)));
    }
    let version = student::version(&form)?;
    match request.desk.students.erase(id, version, &request.caller, request_context::new()?).await?
    {
        Ok(()) => {
            let done = message::name(Outcome::StudentErased);
            Ok(request.done(paths::DESK_STUDENTS, done))
        }
        Err(ChangeError::Stale(stale)) => {
            Err(Problem::precondition_failed().with_page(&again(&stale.current)))
        }
        Err(error) => Err(student::missing_student(&request, error, id).await),
    }
}
