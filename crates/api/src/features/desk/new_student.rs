//! Entering a student: someone on the telephone or at the counter.

use actix_web::{HttpResponse, web::Payload};
use registration_application::desk::students::CreateError;
use registration_domain::{Applicant, ErrorCode, Field, FieldError, Note};

use super::{
    edit, message,
    pages::{DeskLayout, Here, NewStudentPage},
    request::DeskRequest,
};
use crate::web::{form::Form, paths, problem::Problem, request_context};

pub(crate) async fn form(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let layout = request.layout(Here::NewStudent).await?;
    request.page(&NewStudentPage::new(layout))
}

#[tracing::instrument(name = "create_student_handler", skip_all)]
pub(crate) async fn post(request: DeskRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let layout = request.layout_with(Here::NewStudent, None);
    let typed = edit::applicant_form(&form);
    let (applicant, note) = (Applicant::parse(&typed), Note::parse(form.get("note")));
    let (applicant, note) = match (applicant, note) {
        (Ok(applicant), Ok(note)) => (applicant, note),
        (applicant, note) => {
            let (errors, is_too_long) = (applicant.err(), note.is_err());
            let note = form.get("note");
            let page =
                NewStudentPage::again(layout, &typed, note, errors.as_ref(), is_too_long, None);
            return Err(Problem::invalid_fields().with_page(&page));
        }
    };
    let context = request_context::new()?;
    let (students, caller) = (&request.desk.students, &request.caller);
    match students.create(applicant, note, caller, context, None).await? {
        Ok(done) => {
            let id = done.student();
            let page = paths::of(paths::DESK_STUDENT, id);
            Ok(request.done(&page, &message::created(id)))
        }
        Err(CreateError::AlreadyRegistered(id)) => {
            let taken = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
            let (errors, note) = (taken.into(), form.get("note"));
            let page = NewStudentPage::again(layout, &typed, note, Some(&errors), false, id);
            Err(Problem::already_registered().with_page(&page))
        }
        Err(CreateError::KeyReused(_)) => Err(Problem::idempotency_key_reused()),
    }
}

/// The form as it was typed before the session ended.
pub(super) fn resumed(layout: DeskLayout, form: &Form) -> NewStudentPage {
    let typed = edit::applicant_form(form);
    NewStudentPage::again(layout, &typed, form.get("note"), None, false, None)
}
