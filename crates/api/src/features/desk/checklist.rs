//! The checklist: its templates, and the items of students.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use chrono::NaiveDate;
use registration_application::desk::{
    checklist::{TaskError, TemplateError, TemplatePatch},
    students::ChangeError,
};
use registration_domain::{
    StudentId, TaskId, TaskState, TaskTemplate, TaskTitle, TemplateId, Version,
};

use super::{
    message, once,
    pages::{
        Banner, ChecklistPage, Here, Outcome, TaskForm, TaskFormError, TemplateForm,
        paths as page_paths,
    },
    request::DeskRequest,
    student,
};
use crate::web::{
    form::Form, path_id, paths, problem::Problem, request_context, task_problems, time,
};

#[tracing::instrument(name = "view_checklist_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let layout = request.layout(Here::Checklist).await?;
    let overview = request.desk.checklist.overview().await?;
    request.page(&ChecklistPage::new(layout, &overview, &TaskForm::default()))
}

#[tracing::instrument(name = "create_task_template_handler", skip_all)]
pub(crate) async fn create_template(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let title = match TaskTitle::parse(form.get("title")) {
        Ok(title) => title,
        Err(error) => {
            let form = typed(&form, TaskFormError::Title(error));
            return Err(refused(&request, &form).await?);
        }
    };
    let (context, caller) = (request_context::new()?, &request.caller);
    let once = once::repeatable(&form, caller);
    let made = request.desk.checklist.create_template(title, caller, context, once).await?;
    made.map_err(|error| task_problems::of_template(&error))?;
    Ok(saved(&request, paths::DESK_TASKS))
}

#[tracing::instrument(name = "change_task_template_handler", skip_all)]
pub(crate) async fn change_template(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id: TemplateId = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let version = student::version(&form)?;
    let title = TaskTitle::parse(form.get("title")).map_err(TaskFormError::Title);
    let position =
        form.get("position").parse().ok().filter(|place| *place <= TaskTemplate::MAX_POSITION);
    let (title, position) = match title.and_then(|t| Ok((t, position.ok_or(TaskFormError::Place)?)))
    {
        Ok(values) => values,
        Err(error) => {
            let form = TaskForm { template: Some(template(id, &form)), ..typed(&form, error) };
            return Err(refused(&request, &form).await?);
        }
    };
    let patch = TemplatePatch {
        title: Some(title),
        position: Some(position),
        is_active: Some(form.get("active") == "yes"),
    };
    let (context, caller) = (request_context::new()?, &request.caller);
    let changed =
        request.desk.checklist.change_template(id, version, patch, caller, context).await?;
    match changed {
        Ok(_) => Ok(saved(&request, paths::DESK_TASKS)),
        Err(error @ TemplateError::Stale(_)) => {
            let banner = Banner::of(request.locale, Outcome::TaskStale, None);
            let layout = request.layout_with(Here::Checklist, Some(banner));
            let overview = request.desk.checklist.overview().await?;
            let page = ChecklistPage::new(layout, &overview, &TaskForm::default());
            Err(task_problems::of_template(&error).with_page(&page))
        }
        Err(error) => Err(task_problems::of_template(&error)),
    }
}

#[tracing::instrument(name = "create_task_handler", skip_all)]
pub(crate) async fn add(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let values = read(&form);
    let (title, due_on) = match values {
        Ok(values) => values,
        Err(error) => {
            let page = student::with_task_form(&request, id, &form, typed(&form, error)).await?;
            return Err(Problem::invalid_fields().with_page(&page));
        }
    };
    let (context, caller) = (request_context::new()?, &request.caller);
    let once = once::repeatable(&form, caller);
    let added = request.desk.checklist.add(id, (title, due_on), caller, context, once).await?;
    match added {
        Ok(_) => Ok(saved(&request, &next(&form, id))),
        Err(TaskError::Erased(at)) => {
            Err(student::missing_student(&request, ChangeError::Erased(at), id).await)
        }
        Err(error) => Err(task_problems::of_task(&error)),
    }
}

/// Ticks an item, opens it again, says that it is not needed, or deletes it.
#[tracing::instrument(name = "mark_task_handler", skip_all)]
pub(crate) async fn mark(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id: TaskId = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let version = student::version(&form)?;
    let student = path_id::parse(form.get("student"))?;
    let error = match change(&request, id, version, form.get("state")).await? {
        Ok(()) => return Ok(saved(&request, &next(&form, student))),
        Err(error) => error,
    };
    let outcome = match error {
        TaskError::Stale(_) => Outcome::TaskStale,
        TaskError::NotFound => Outcome::TaskGone,
        _ => return Err(task_problems::of_task(&error)),
    };
    let banner = Banner::of(request.locale, outcome, None);
    let page = student::with_banner(&request, student, &form, banner).await?;
    Err(task_problems::of_task(&error).with_page(&page))
}

async fn change(
    request: &DeskRequest,
    id: TaskId,
    version: Version,
    state: &str,
) -> Result<Result<(), TaskError>, Problem> {
    let (checklist, caller) = (&request.desk.checklist, &request.caller);
    let context = request_context::new()?;
    if state == "deleted" {
        return Ok(checklist.delete(id, version, caller, context).await?);
    }
    let state: TaskState = state.parse().map_err(|_| Problem::invalid_fields())?;
    Ok(match checklist.mark(id, (None, state), Some(version), caller, context).await? {
        // A colleague has done the same.
        Err(TaskError::Stale(task)) if task.mark.state == state => Ok(()),
        marked => marked.map(drop),
    })
}

/// The title and the day of a form.
fn read(form: &Form) -> Result<(TaskTitle, Option<NaiveDate>), TaskFormError> {
    let title = TaskTitle::parse(form.get("title")).map_err(TaskFormError::Title)?;
    let due_on = match form.get("due_on").trim() {
        "" => None,
        day => Some(time::day(day).ok_or(TaskFormError::DueOn)?),
    };
    Ok((title, due_on))
}

fn typed(form: &Form, error: TaskFormError) -> TaskForm {
    TaskForm {
        title: form.get("title").to_owned(),
        due_on: form.get("due_on").to_owned(),
        template: None,
        error: Some(error),
    }
}

/// The fields that only the form of a template has.
fn template(id: TemplateId, form: &Form) -> TemplateForm {
    let is_active = form.get("active") == "yes";
    TemplateForm { id, position: form.get("position").to_owned(), is_active }
}

/// The page again, with what is wrong.
async fn refused(request: &DeskRequest, form: &TaskForm) -> Result<Problem, Problem> {
    let layout = request.layout_with(Here::Checklist, None);
    let overview = request.desk.checklist.overview().await?;
    let page = ChecklistPage::new(layout, &overview, form);
    Ok(Problem::invalid_fields().with_page(&page))
}

/// Where a form of a student's checklist leads back to.
fn next(form: &Form, student: StudentId) -> String {
    let next = Some(form.get("next")).filter(|next| page_paths::is_desk_page(next));
    next.map_or_else(|| page_paths::student(student), str::to_owned)
}

fn saved(request: &DeskRequest, next: &str) -> HttpResponse {
    request.done(next, message::name(Outcome::ChecklistSaved))
}
