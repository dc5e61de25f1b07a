//! Entering a student: someone on the telephone or at the counter.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use registration_application::desk::students::CreateError;
use registration_domain::{Applicant, ErrorCode, Field, FieldError, Note};

use super::{
    Desk, edit, message,
    pages::{DeskLayout, Here, NewStudentPage},
    respond,
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
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let layout = respond::layout(&desk, &request, locale, &caller, Here::NewStudent).await?;
    respond::page(locale, StatusCode::OK, &NewStudentPage::new(layout))
}

#[tracing::instrument(name = "create_student_handler", skip_all)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let layout = respond::layout_with(&desk, &request, locale, &caller, Here::NewStudent, None);
    let typed = edit::applicant_form(&form);
    let (applicant, note) = (Applicant::parse(&typed), Note::parse(form.get("note")));
    let (applicant, note) = match (applicant, note) {
        (Ok(applicant), Ok(note)) => (applicant, note),
        (applicant, note) => {
            let (errors, is_too_long) = (applicant.err(), note.is_err());
            let note = form.get("note");
            let page =
                NewStudentPage::again(layout, &typed, note, errors.as_ref(), is_too_long, None);
            return Err(respond::problem(invalid(), &page));
        }
    };
    let context = request_context::new()?;
    match desk.students.create(applicant, note, &caller, context).await? {
        Ok(created) => {
            let id = created.record.id;
            let page = paths::of(paths::DESK_STUDENT, id);
            Ok(respond::done(locale, &page, &message::created(id)))
        }
        Err(CreateError::AlreadyRegistered(id)) => {
            let taken = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
            let (errors, note) = (taken.into(), form.get("note"));
            let page = NewStudentPage::again(layout, &typed, note, Some(&errors), false, id);
            let problem =
                Problem::new(StatusCode::CONFLICT, "already_registered", |m| m.already_registered);
            Err(respond::problem(problem, &page))
        }
    }
}

/// The form as it was typed before the session ended.
pub(super) fn resumed(layout: DeskLayout, form: &Form) -> NewStudentPage {
    let typed = edit::applicant_form(form);
    NewStudentPage::again(layout, &typed, form.get("note"), None, false, None)
}
