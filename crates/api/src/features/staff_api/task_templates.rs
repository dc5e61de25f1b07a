//! `/api/task-templates`: the items that every student gets with a place.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use registration_application::desk::checklist::TemplateError;
use registration_domain::{TaskTemplate, TemplateId};
use serde_json::json;

use super::{
    StaffApi,
    body::Members,
    precondition, repetition,
    representation::etag,
    task_json::{self, TaskTemplates, TemplateJson},
};
use crate::web::{
    door::SignedIn, locale::RequestLocale, path_id, paths, problem::Problem, request_context,
    task_problems,
};

pub(crate) async fn list(feature: Data<StaffApi>) -> Result<HttpResponse, Problem> {
    let templates = feature.checklist.templates().await?;
    let items = templates.iter().map(TemplateJson::from).collect();
    Ok(HttpResponse::Ok().json(TaskTemplates { items }))
}

#[tracing::instrument(name = "create_task_template_handler", skip_all)]
pub(crate) async fn create(
    request: HttpRequest,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let mut members = Members::read(&request, payload, feature.body_timeout).await?;
    let body = task_json::template_body;
    let repeatable = repetition::of(&request, &caller, &members, body)?;
    let title = task_json::take_title(&mut members)?;
    members.end()?;
    let title = title.ok_or_else(|| members.invalid("title", "required"))?;
    let context = request_context::new()?;
    let made = feature.checklist.create_template(title, &caller, context, repeatable).await?;
    let made = made.map_err(|error| problem(&error))?;
    Ok(repetition::created(made, body, paths::API_TEMPLATE, locale))
}

pub(crate) async fn get(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    let id: TemplateId = path_id::parse(&id)?;
    let templates = feature.checklist.templates().await?;
    let found = templates.into_iter().find(|template| template.id == id);
    let template = found.ok_or_else(Problem::not_found)?;
    if precondition::is_known(&request, template.version) {
        return Ok(HttpResponse::NotModified().insert_header(etag(template.version)).finish());
    }
    Ok(answer(&template))
}

#[tracing::instrument(name = "patch_task_template_handler", skip_all)]
pub(crate) async fn patch(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let mut members = Members::read_patch(&request, payload, feature.body_timeout).await?;
    let patch = task_json::take_template(&mut members)?;
    let version = precondition::version(&request)?;
    let context = request_context::new()?;
    let changed = feature.checklist.change_template(id, version, patch, &caller, context).await?;
    changed.map(|template| answer(&template)).map_err(|error| problem(&error))
}

fn answer(template: &TaskTemplate) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(template.version)).json(TemplateJson::from(template))
}

fn problem(error: &TemplateError) -> Problem {
    let problem = task_problems::of_template(error);
    match error {
        TemplateError::Stale(template) => {
            problem.with_member("current", json!(TemplateJson::from(&**template)))
        }
        _ => problem,
    }
}
