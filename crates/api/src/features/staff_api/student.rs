//! `/api/students/{id}`: one student.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    once::Done,
    students::{Changed, Found},
};
use registration_domain::{
    Applicant, Decision, DecisionError, Note, Permission, RawField, StudentId, StudentRecord,
};

use super::{
    StaffApi,
    body::Members,
    precondition, problems, repetition,
    representation::{StudentJson, changed_json, etag},
};
use crate::web::{
    desk_metrics,
    door::{self, SignedIn},
    path_id,
    problem::Problem,
    request_context,
    time::rfc3339,
};

pub(crate) async fn get(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let record = find(&feature, path_id::parse(&id)?).await?;
    feature.students.journal_view(record.id, &caller, request_context::new()?).await?;
    if precondition::is_known(&request, record.version) {
        return Ok(HttpResponse::NotModified().insert_header(etag(record.version)).finish());
    }
    Ok(answer(&feature, &record))
}

#[tracing::instrument(name = "replace_student_handler", skip_all)]
pub(crate) async fn put(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    caller: SignedIn,
) -> Result<HttpResponse, Problem> {
    let members = Members::read(&request, payload, feature.body_timeout).await?;
    edit(&request, path_id::parse(&id)?, members, &feature, caller, false).await
}

#[tracing::instrument(name = "patch_student_handler", skip_all)]
pub(crate) async fn patch(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    caller: SignedIn,
) -> Result<HttpResponse, Problem> {
    let members = Members::read_patch(&request, payload, feature.body_timeout).await?;
    edit(&request, path_id::parse(&id)?, members, &feature, caller, true).await
}

async fn edit(
    request: &HttpRequest,
    id: StudentId,
    mut members: Members,
    feature: &StaffApi,
    SignedIn(caller): SignedIn,
    is_patch: bool,
) -> Result<HttpResponse, Problem> {
    let values = members.take_values();
    members.end()?;
    // What a patch leaves out is valid: it is stored. Errors are found before the version is looked at.
    let complete = values.clone().map(|value| match value {
        None if is_patch => RawField::from("x@example.org"),
        value => value.unwrap_or_default(),
    });
    Applicant::parse(&complete).map_err(problems::invalid_fields)?;
    let version = precondition::version(request)?;
    let values =
        if is_patch { values } else { values.map(|value| Some(value.unwrap_or_default())) };
    let context = request_context::new()?;
    let changed = feature.students.edit(id, version, values, &caller, context).await?;
    let may_see = problems::may_see(&caller);
    let changed = changed.map_err(|e| problems::of_change(e, may_see, &feature.links))?;
    let body = |changed: &Changed| changed_json(changed, may_see, &feature.links);
    Ok(repetition::answer(HttpResponse::Ok(), Done::Now(changed), body))
}

#[tracing::instrument(name = "erase_student_handler", skip_all)]
pub(crate) async fn delete(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let context = request_context::new()?;
    let version = precondition::version(&request)?;
    let erased = feature.students.erase(id, version, &caller, context).await?;
    let may_see = problems::may_see(&caller);
    erased.map_err(|error| problems::of_change(error, may_see, &feature.links))?;
    Ok(HttpResponse::NoContent().finish())
}

#[tracing::instrument(name = "change_status_handler", skip_all)]
pub(crate) async fn transition(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let mut members = Members::read(&request, payload, feature.body_timeout).await?;
    let (may_see, links) = (problems::may_see(&caller), feature.links.clone());
    let body = move |changed: &Changed| changed_json(changed, may_see, &links);
    let repeatable = repetition::of(&request, &caller, &members, body.clone())?;
    let overrides = members.take_flag("override")?.unwrap_or(false);
    let decision = take_decision(&mut members)?.overriding_tasks(overrides);
    members.end()?;
    if overrides && !caller.may(Permission::Override) {
        return Err(door::lacking(&caller, Permission::Override));
    }
    let version = precondition::version(&request)?;
    let context = request_context::new()?;
    let done = feature.students.decide(id, version, decision, &caller, context, repeatable).await?;
    let done = done.map_err(|e| problems::of_change(e, may_see, &feature.links))?;
    desk_metrics::decided(&done, &caller);
    Ok(repetition::answer(HttpResponse::Ok(), done, body))
}

/// Takes the decision out of an object.
pub(super) fn take_decision(members: &mut Members) -> Result<Decision, Problem> {
    let to = members.take_text("to")?.ok_or_else(|| members.invalid("to", "required"))?;
    let to = to.parse().map_err(|_| members.invalid("to", "unknown"))?;
    let reason = members.take_text("reason_code")?.map(|code| code.parse()).transpose();
    let reason = reason.map_err(|_| members.invalid("reason_code", "unknown"))?;
    let note = members.take_text("note")?.unwrap_or_default();
    let note = Note::parse(&note).map_err(|_| members.invalid("note", "too_long"))?;
    Decision::new(to, reason, note).map_err(|error| match error {
        DecisionError::ReasonRequired => members.invalid("reason_code", "required"),
        DecisionError::ReasonNotAllowed => members.invalid("reason_code", "not_allowed"),
        DecisionError::NoteRequired => members.invalid("note", "required"),
    })
}

async fn find(feature: &StaffApi, id: StudentId) -> Result<StudentRecord, Problem> {
    match feature.students.find(id).await? {
        Found::Student(record) => Ok(record),
        Found::Erased(at) => Err(problems::erased(rfc3339(at))),
        Found::Nothing => Err(Problem::not_found()),
    }
}

fn answer(feature: &StaffApi, record: &StudentRecord) -> HttpResponse {
    let body = StudentJson::new(record, &feature.links);
    HttpResponse::Ok().insert_header(etag(record.version)).json(body)
}
