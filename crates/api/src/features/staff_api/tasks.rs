//! `/api/tasks`: the items of checklists, of all students and of one.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    checklist::{TaskChange, TaskError},
    students::Found,
};
use registration_domain::{RowId, StudentId, Task, TaskId, TaskQuery, TaskState};
use serde_json::json;

use super::{
    StaffApi,
    body::Members,
    precondition, problems, repetition,
    representation::etag,
    task_json::{self, TaskJson, Tasks},
};
use crate::web::{
    door::SignedIn,
    form::Form,
    header_fields::only,
    locale::RequestLocale,
    path_id, paths,
    problem::Problem,
    request_context,
    roster_query::{invalid_cursor, invalid_filter},
    task_problems,
    time::{self, rfc3339},
};

/// Items on a page.
const DEFAULT_LIMIT: usize = 50;
/// Most items on a page.
const MAX_LIMIT: usize = 200;

#[tracing::instrument(name = "list_tasks_handler", skip_all)]
pub(crate) async fn list(
    request: HttpRequest,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let query = parse(&request)?;
    let limit = query.limit;
    let query = TaskQuery { limit: limit + 1, ..query };
    let mut found = feature.checklist.tasks(query, &caller).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|(RowId(row), _)| row.to_string());
    let items = found.iter().map(|(_, task)| TaskJson::from(task)).collect();
    Ok(HttpResponse::Ok().json(Tasks { items, next }))
}

pub(crate) async fn of_student(
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    match feature.checklist.of_student(path_id::parse(&id)?).await? {
        Found::Student(tasks) => {
            let items = tasks.iter().map(TaskJson::from).collect();
            Ok(HttpResponse::Ok().json(Tasks { items, next: None }))
        }
        Found::Erased(at) => Err(problems::erased(rfc3339(at))),
        Found::Nothing => Err(Problem::not_found()),
    }
}

#[tracing::instrument(name = "create_task_handler", skip_all)]
pub(crate) async fn create(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let student: StudentId = path_id::parse(&id)?;
    let mut members = Members::read(&request, payload, feature.body_timeout).await?;
    let body = task_json::task_body;
    let repeatable = repetition::of(&request, &caller, &members, body)?;
    let title = task_json::take_title(&mut members)?;
    let due_on = task_json::take_due_on(&mut members)?.flatten();
    members.end()?;
    let title = title.ok_or_else(|| members.invalid("title", "required"))?;
    let context = request_context::new()?;
    let values = (title, due_on);
    let added = feature.checklist.add(student, values, &caller, context, repeatable).await?;
    let added = added.map_err(|error| problem(&error))?;
    Ok(repetition::created(added, body, paths::API_TASK, locale))
}

pub(crate) async fn get(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    let task =
        feature.checklist.find(path_id::parse(&id)?).await?.ok_or_else(Problem::not_found)?;
    if precondition::is_known(&request, task.version) {
        return Ok(HttpResponse::NotModified().insert_header(etag(task.version)).finish());
    }
    Ok(answer(&task))
}

#[tracing::instrument(name = "replace_task_handler", skip_all)]
pub(crate) async fn put(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let members = Members::read(&request, payload, feature.body_timeout).await?;
    edit(&request, path_id::parse(&id)?, members, &feature, &caller, false).await
}

#[tracing::instrument(name = "patch_task_handler", skip_all)]
pub(crate) async fn patch(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let members = Members::read_patch(&request, payload, feature.body_timeout).await?;
    edit(&request, path_id::parse(&id)?, members, &feature, &caller, true).await
}

async fn edit(
    request: &HttpRequest,
    id: TaskId,
    mut members: Members,
    feature: &StaffApi,
    caller: &Caller,
    is_patch: bool,
) -> Result<HttpResponse, Problem> {
    let patch = task_json::take_task(&mut members, is_patch)?;
    let version = precondition::version(request)?;
    let context = request_context::new()?;
    let edited = feature.checklist.edit(id, version, patch, caller, context).await?;
    edited.map(|changed| changed_answer(&changed)).map_err(|error| match error {
        TaskError::OfTemplate => members.invalid("title", "not_allowed"),
        error => problem(&error),
    })
}

#[tracing::instrument(name = "delete_task_handler", skip_all)]
pub(crate) async fn delete(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let version = precondition::version(&request)?;
    let context = request_context::new()?;
    let deleted = feature.checklist.delete(path_id::parse(&id)?, version, &caller, context).await?;
    deleted.map_err(|error| problem(&error))?;
    Ok(HttpResponse::NoContent().finish())
}

#[tracing::instrument(name = "complete_task_handler", skip_all)]
pub(crate) async fn complete(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    mark(&request, &id, (None, TaskState::Done), &feature, &caller).await
}

#[tracing::instrument(name = "reopen_task_handler", skip_all)]
pub(crate) async fn reopen(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    mark(&request, &id, (Some(TaskState::Done), TaskState::Open), &feature, &caller).await
}

/// Marks an item; of a version where the request names one, since marking twice does no harm.
async fn mark(
    request: &HttpRequest,
    id: &str,
    states: (Option<TaskState>, TaskState),
    feature: &StaffApi,
    caller: &Caller,
) -> Result<HttpResponse, Problem> {
    let names_version = only(request.headers(), &actix_web::http::header::IF_MATCH).is_some();
    let version = names_version.then(|| precondition::version(request)).transpose()?;
    let context = request_context::new()?;
    let marked =
        feature.checklist.mark(path_id::parse(id)?, states, version, caller, context).await?;
    marked.map(|changed| changed_answer(&changed)).map_err(|error| problem(&error))
}

fn answer(task: &Task) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(task.version)).json(TaskJson::from(task))
}

fn changed_answer(TaskChange { task, operation }: &TaskChange) -> HttpResponse {
    let body = TaskJson::from(task).with_operation(*operation);
    HttpResponse::Ok().insert_header(etag(task.version)).json(body)
}

fn problem(error: &TaskError) -> Problem {
    let problem = task_problems::of_task(error);
    match error {
        TaskError::Erased(at) => problems::erased(rfc3339(*at)),
        TaskError::Stale(task) => problem.with_member("current", json!(TaskJson::from(&**task))),
        _ => problem,
    }
}

fn parse(request: &HttpRequest) -> Result<TaskQuery, Problem> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let mut query = TaskQuery { limit: DEFAULT_LIMIT, ..TaskQuery::default() };
    for (name, value) in form.fields().iter().filter(|(_, value)| !value.is_empty()) {
        let invalid = |name| move || invalid_filter(name);
        match name.as_str() {
            "lang" => {}
            "student" => {
                query.student = Some(value.parse().map_err(|_| invalid_filter("student"))?);
            }
            "state" => query.state = Some(value.parse().map_err(|_| invalid_filter("state"))?),
            "template" => {
                query.template = Some(value.parse().map_err(|_| invalid_filter("template"))?);
            }
            "due_before" => {
                let day = time::day(value).ok_or_else(invalid("due_before"))?;
                query.due_before = Some(day);
            }
            "cursor" => {
                let row = value.parse().ok().filter(|row| *row > 0).ok_or_else(invalid_cursor)?;
                query.before = Some(RowId(row));
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                query.limit = limit.ok_or_else(invalid("limit"))?;
            }
            _ => return Err(invalid_filter("unknown")),
        }
    }
    Ok(query)
}
