//! Editing a student, and resolving a conflict with a colleague's change.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use registration_application::desk::students::ChangeError;
use registration_domain::{
    Applicant, ApplicantForm, ErrorCode, Field, FieldError, FieldErrors, PerField, RawField,
    StudentId, Version,
};

use super::{
    message,
    pages::{DeskLayout, EditPage, Here, StalePage},
    request::DeskRequest,
    student,
};
use crate::web::{form::Form, path_id, paths, problem::Problem, request_context};

pub(crate) async fn form(request: DeskRequest, id: Path<String>) -> Result<HttpResponse, Problem> {
    let record = student::record(&request, path_id::parse(&id)?).await?;
    let layout = request.layout(Here::Elsewhere).await?;
    request.page(&EditPage::new(layout, &record))
}

#[tracing::instrument(name = "edit_student_handler", skip_all)]
pub(crate) async fn post(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let version = student::version(&form)?;
    let typed = applicant_form(&form);
    let base = base(&form);
    let layout = request.layout_with(Here::Elsewhere, None);
    let again = |layout, errors: &FieldErrors, taken_by| {
        EditPage::again(layout, id, version, &base, &typed, errors, taken_by)
    };
    let applicant = match Applicant::parse(&typed) {
        Ok(applicant) => applicant,
        Err(errors) => {
            return Err(Problem::invalid_fields().with_page(&again(layout, &errors, None)));
        }
    };
    let texts = applicant.texts().map(str::to_owned);
    let context = request_context::new()?;
    let values = typed.clone().map(Some);
    match request.desk.students.edit(id, version, values, &request.caller, context).await? {
        Ok(changed) => {
            let page = paths::of(paths::DESK_STUDENT, id);
            Ok(request.done(&page, &message::saved(changed.operation)))
        }
        Err(ChangeError::EmailTaken(other)) => {
            let taken = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
            Err(Problem::already_registered().with_page(&again(layout, &taken.into(), other)))
        }
        Err(ChangeError::Stale(stale)) => {
            let change = student::change(&stale, request.locale);
            let page = StalePage::new(layout, &stale.current, &base, &texts, &change);
            Err(Problem::precondition_failed().with_page(&page))
        }
        Err(error) => Err(student::missing_student(&request, error, id).await),
    }
}

/// The form as it was typed before the session ended.
pub(super) fn resumed(
    layout: DeskLayout,
    id: StudentId,
    version: Version,
    form: &Form,
) -> EditPage {
    let (base, typed) = (base(form), applicant_form(form));
    let errors: FieldErrors = std::iter::empty().collect();
    EditPage::again(layout, id, version, &base, &typed, &errors, None)
}

/// What the person saw when beginning.
fn base(form: &Form) -> PerField<String> {
    PerField::from_fn(|field: Field| form.get(&format!("base_{field}")).to_owned())
}

/// The three fields as typed.
pub(super) fn applicant_form(form: &Form) -> ApplicantForm {
    ApplicantForm::from_fn(|field: Field| RawField::from(form.get(field.as_str())))
}
