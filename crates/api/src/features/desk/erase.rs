//! Erasing a student, for good.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use registration_application::desk::students::ChangeError;

use super::{
    Desk, message,
    pages::{ErasePage, Here, Outcome},
    respond, student,
    welcome::invalid,
};
use crate::web::{
    door::{MAX_BODY, SignedIn},
    form::Form,
    locale::RequestLocale,
    paths,
    problem::Problem,
    request_context,
};

pub(crate) async fn form(
    request: HttpRequest,
    id: Path<String>,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let record = student::record(&desk, student::parse(&id)?, &caller, locale).await?;
    let layout = respond::layout(&desk, &request, locale, &caller, Here::Elsewhere).await?;
    respond::page(locale, StatusCode::OK, &ErasePage::new(layout, &record, None))
}

#[tracing::instrument(name = "erase_student_handler", skip_all)]
pub(crate) async fn post(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = student::parse(&id)?;
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let record = student::record(&desk, id, &caller, locale).await?;
    let again = |record: &_| {
        let layout = respond::layout_with(&desk, &request, locale, &caller, Here::Elsewhere, None);
        ErasePage::new(layout, record, Some(form.get("confirm")))
    };
    if !ErasePage::is_name(&record, form.get("confirm")) {
        return Err(respond::problem(invalid(), &again(&record)));
    }
    let version = student::version(&form)?;
    match desk.students.erase(id, version, &caller, request_context::new()?).await? {
        Ok(()) => {
            let done = message::name(Outcome::StudentErased);
            Ok(respond::done(locale, paths::DESK_STUDENTS, done))
        }
        Err(ChangeError::Stale(stale)) => {
            Err(respond::problem(student::stale_problem(), &again(&stale.current)))
        }
        Err(error) => Err(student::gone(&desk, error, id, &caller, locale).await),
    }
}
