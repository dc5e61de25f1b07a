//! Decisions on several students at once: what will happen, and what has; and undoing.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use registration_application::desk::operations::Selection;
use registration_domain::{Decision, OperationKind, Permission, StudentId, Version};

use super::{
    message, once,
    pages::{
        Banner, Here, OperationPage, PreviewPage, RefusedDecision, TICK, What, paths as page_paths,
    },
    request::DeskRequest,
    roster, student,
};
use crate::clock;
use crate::web::{
    door,
    form::Form,
    operation_problems, pages as web_pages, path_id, paths,
    problem::Problem,
    request_context,
    roster_query::{self, FILTERS},
};

/// The fields of a form that say which students.
const SELECTION: [&str; 4] = ["student", "scope", "as_of", "next"];

/// What a decision would do. Changes nothing.
#[tracing::instrument(name = "preview_operation_handler", skip_all)]
pub(crate) async fn preview(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let what = what(&request, &form).await?;
    let Some(selection) = selection(&form, false)? else {
        return Err(nothing_ticked(&request, &form).await?);
    };
    request.page(&page(&request, &form, selection, &what, None).await?)
}

#[tracing::instrument(name = "begin_operation_handler", skip_all)]
pub(crate) async fn begin(request: DeskRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let what = what(&request, &form).await?;
    let Some(selection) = selection(&form, true)? else {
        return Err(nothing_ticked(&request, &form).await?);
    };
    let kind = match &what {
        What::Tick(template) => OperationKind::CompleteTask(template.id),
        What::Decide(to) => match student::decision(&form, *to) {
            Ok(decision) => OperationKind::Decide(decision),
            Err(refused) => {
                let page = page(&request, &form, selection, &what, Some(&refused)).await?;
                return Err(Problem::invalid_fields().with_page(&page));
            }
        },
    };
    let context = request_context::new()?;
    let (operations, caller) = (&request.desk.operations, &request.caller);
    let once = once::request(&form, caller);
    let begun = operations.start(selection, kind, caller, context, once).await?;
    let begun = begun.map_err(operation_problems::of_begin)?;
    Ok(web_pages::see_other(&request.locale.href(&page_paths::operation(begun.id))))
}

/// An operation with its results.
pub(crate) async fn page_of(
    request: DeskRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let view = request.desk.operations.find(id).await?.ok_or_else(Problem::not_found)?;
    let may_undo = view.can_be_undone(&request.caller, clock::now());
    let layout = request.layout(Here::Elsewhere).await?;
    request.page(&OperationPage::new(layout, &view, may_undo))
}

#[tracing::instrument(name = "undo_operation_handler", skip_all)]
pub(crate) async fn undo(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let (operations, caller) = (&request.desk.operations, &request.caller);
    let undone = operations.undo(id, caller, request_context::new()?, None).await?;
    let begun = undone.map_err(|error| operation_problems::of_undo(error, caller))?;
    let view = operations.find(begun.id).await?.ok_or_else(Problem::not_found)?;
    let is_plain = view.applied == 1 && view.waiting == 0 && view.skips.is_empty();
    let next = Some(form.get("next")).filter(|next| page_paths::is_desk_page(next));
    match next.filter(|_| is_plain) {
        Some(next) => Ok(request.done(next, &message::undone(begun.id))),
        None => Ok(web_pages::see_other(&request.locale.href(&page_paths::operation(begun.id)))),
    }
}

/// What a form does with the students.
async fn what(request: &DeskRequest, form: &Form) -> Result<What, Problem> {
    let Some(id) = form.get("to").strip_prefix(TICK) else {
        let to = form.get("to").parse().map_err(|_| Problem::invalid_fields())?;
        return Ok(What::Decide(to));
    };
    if !request.caller.may(Permission::TasksWrite) {
        return Err(door::lacking(&request.caller, Permission::TasksWrite));
    }
    let templates = request.desk.checklist.templates().await?;
    let found = templates.into_iter().find(|template| template.id.to_string() == id);
    found.map(What::Tick).ok_or_else(Problem::invalid_fields)
}

/// The chosen students; `None` if the form selects none.
fn selection(form: &Form, needs_moment: bool) -> Result<Option<Selection>, Problem> {
    if form.get("scope") == "list" {
        let is_filter = |name: &str| FILTERS.contains(&name);
        let pairs = form.fields().iter().filter(|(name, _)| is_filter(name));
        let pairs: Vec<_> = pairs.cloned().collect();
        let as_of = match form.get("as_of") {
            "" if !needs_moment => None,
            text => Some(roster_query::moment(text).ok_or_else(Problem::invalid_fields)?),
        };
        let filter = roster_query::filter(&pairs)?;
        return Ok(Some(Selection::Filter(filter, as_of)));
    }
    let ticked = form.fields().iter().filter(|(name, _)| name == "student");
    let student = |(_, value): &(String, String)| -> Option<(StudentId, Version)> {
        let (id, version) = value.split_once('.')?;
        Some((id.parse().ok()?, Version::new(version.parse().ok()?)?))
    };
    let students: Option<Vec<_>> = ticked.map(student).collect();
    let students = students.ok_or_else(Problem::invalid_fields)?;
    Ok((!students.is_empty()).then_some(Selection::Students(students)))
}

/// The list again, with a message that no student is ticked.
async fn nothing_ticked(request: &DeskRequest, form: &Form) -> Result<Problem, Problem> {
    let (_, query) = page_paths::parts(list(form));
    let banner = Banner::nothing_ticked(request.locale);
    let problem = Problem::invalid_fields();
    Ok(match roster::again(request, query, banner).await? {
        Some(page) => problem.with_page(&page),
        None => problem,
    })
}

/// The list in which the students were chosen.
fn list(form: &Form) -> &str {
    let next = form.get("next");
    if student::is_list(next) { next } else { paths::DESK_STUDENTS }
}

async fn page(
    request: &DeskRequest,
    form: &Form,
    selection: Selection,
    what: &What,
    refused: Option<&RefusedDecision>,
) -> Result<PreviewPage, Problem> {
    let context = request_context::new()?;
    let kind = match what {
        What::Decide(to) => OperationKind::Decide(Decision::stored(*to, None, None)),
        What::Tick(template) => OperationKind::CompleteTask(template.id),
    };
    let preview = request.desk.operations.preview(selection, kind, context.now).await?;
    let preview = preview.map_err(operation_problems::of_begin)?;
    let is_carried = |name: &str| SELECTION.contains(&name) || FILTERS.contains(&name);
    let carried = form.fields().iter().filter(|(name, _)| is_carried(name)).cloned();
    let mut carried: Vec<_> = carried.collect();
    if form.get("scope") == "list" && form.get("as_of").is_empty() {
        carried.retain(|(name, _)| name != "as_of");
        let moment = preview.as_of.map(roster_query::moment_text);
        carried.extend(moment.map(|moment| ("as_of".to_owned(), moment)));
    }
    let layout = request.layout_with(Here::Students, None);
    carried.push(("key".to_owned(), layout.key.clone()));
    Ok(PreviewPage::new(layout, &preview, what, carried, refused, list(form)))
}
