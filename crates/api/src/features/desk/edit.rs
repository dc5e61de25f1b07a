//! Editing a student, and choosing where a colleague was faster.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use registration_application::desk::students::ChangeError;
use registration_domain::{
    Applicant, ApplicantForm, ErrorCode, Field, FieldError, FieldErrors, PerField, RawField,
    StudentId, Version,
};

use super::{
    Desk, message,
    pages::{DeskLayout, EditPage, Here, StalePage},
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
    respond::page(locale, StatusCode::OK, &EditPage::new(layout, &record))
}

#[tracing::instrument(name = "edit_student_handler", skip_all)]
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
    let version = student::version(&form)?;
    let typed = applicant_form(&form);
    let base = base(&form);
    let layout = respond::layout_with(&desk, &request, locale, &caller, Here::Elsewhere, None);
    let again = |layout, errors: &FieldErrors, taken_by| {
        EditPage::again(layout, id, version, &base, &typed, errors, taken_by)
    };
    let applicant = match Applicant::parse(&typed) {
        Ok(applicant) => applicant,
        Err(errors) => return Err(respond::problem(invalid(), &again(layout, &errors, None))),
    };
    let texts = applicant.texts().map(str::to_owned);
    let context = request_context::new()?;
    let values = typed.clone().map(Some);
    match desk.students.edit(id, version, values, &caller, context).await? {
        Ok(changed) => {
            let done = match changed.operation {
                Some(_) => message::SAVED,
                None => message::UNCHANGED,
            };
            Ok(respond::done(locale, &paths::of(paths::DESK_STUDENT, id), done))
        }
        Err(ChangeError::EmailTaken(other)) => {
            let taken = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
            let problem =
                Problem::new(StatusCode::CONFLICT, "already_registered", |m| m.already_registered);
            Err(respond::problem(problem, &again(layout, &taken.into(), other)))
        }
        Err(ChangeError::Stale(stale)) => {
            let change = student::change(&stale, locale);
            let page = StalePage::new(layout, &stale.current, &base, &texts, &change);
            Err(respond::problem(student::stale_problem(), &page))
        }
        Err(error) => Err(student::gone(&desk, error, id, &caller, locale).await),
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
