//! One student, and decisions about it.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    operations::may_undo,
    students::{ChangeError, Found, StaleChange, StudentView as Known, Undoable},
};
use registration_domain::{
    Decision, Note, Permission, StaffMember, Status, StudentId, StudentRecord, Version,
};

use super::{
    message,
    pages::{
        Banner, Change, DecisionFormError, DeskLayout, Here, MessagePage, Names, RefusedDecision,
        StudentPage, StudentView, TaskForm, paths as page_paths,
    },
    request::DeskRequest,
    review, roster,
};
use crate::clock;
use crate::web::{
    desk_metrics, door, form::Form, locale::RequestLocale, path_id, paths, problem::Problem,
    request_context, task_problems,
};

#[tracing::instrument(name = "view_student_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let layout = request.layout(Here::Elsewhere).await?;
    let known = view(&request, id).await?;
    let query = Form::parse(request.http.query_string().as_bytes())?;
    let back = Some(query.get("back")).filter(|back| is_list(back));
    request.page(&build(&request, layout, &known, &Shown::default(), back))
}

#[tracing::instrument(name = "change_status_handler", skip_all)]
pub(crate) async fn decide(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let own = paths::of(paths::DESK_STUDENT, id);
    let next = Some(form.get("next")).filter(|next| page_paths::is_desk_page(next));
    let next = next.unwrap_or(&own);
    let overrides = form.get("override") == "yes";
    if overrides && !request.caller.may(Permission::Override) {
        return Err(door::lacking(&request.caller, Permission::Override));
    }
    let to = if overrides { Ok(Status::Enrolled) } else { form.get("to").parse() };
    let to = to.map_err(|_| Problem::invalid_fields())?;
    let version = version(&form)?;
    let decision = match decision(&form, to) {
        Ok(decision) => decision.overriding_tasks(overrides),
        Err(refused) => {
            // The student's page has room for the reason.
            let known = view(&request, id).await?;
            let layout = request.layout_with(Here::Elsewhere, None);
            let back = back_of(next);
            let shown = Shown { refused: Some(&refused), ..Shown::default() };
            let page = build(&request, layout, &known, &shown, back.as_deref());
            return Err(Problem::invalid_fields().with_page(&page));
        }
    };
    let context = request_context::new()?;
    let (students, caller) = (&request.desk.students, &request.caller);
    let done = students.decide(id, version, decision, caller, context, None).await?;
    let (problem, banner) = match done {
        Ok(done) => {
            desk_metrics::decided(&done, caller);
            return Ok(request.done(next, &message::status_changed(&done)));
        }
        Err(ChangeError::Stale(stale)) => {
            let banner =
                Banner::stale(request.locale, &stale.current, &change(&stale, request.locale));
            (Problem::precondition_failed(), banner)
        }
        Err(ChangeError::IllegalTransition(record)) => {
            (Problem::illegal_transition(), Banner::illegal(request.locale, &record, to))
        }
        Err(ChangeError::TasksOpen(open)) => {
            (task_problems::tasks_open(open), Banner::tasks_open(request.locale, open))
        }
        Err(error) => return Err(missing_student(&request, error, id).await),
    };
    let is_tasks_open = problem.code == "tasks_open";
    // Where the person is: the review, the list, or the student.
    let (_, query) = page_paths::parts(next);
    if review::is_review(next) {
        let page = review::again(&request, query, banner).await?;
        return Err(problem.with_page(&page));
    }
    if is_list(next) {
        let list = roster::again(&request, query, banner.clone()).await?;
        if let Some(page) = list {
            return Err(problem.with_page(&page));
        }
    }
    let known = view(&request, id).await?;
    let layout = request.layout_with(Here::Elsewhere, Some(banner));
    let may_override = is_tasks_open && request.caller.may(Permission::Override);
    let shown = Shown { may_override, ..Shown::default() };
    let page = build(&request, layout, &known, &shown, back_of(next).as_deref());
    Err(problem.with_page(&page))
}

/// The page of a student with a refused form of the checklist.
pub(super) async fn with_task_form(
    request: &DeskRequest,
    id: StudentId,
    form: &Form,
    task_form: TaskForm,
) -> Result<StudentPage, Problem> {
    let known = view(request, id).await?;
    let layout = request.layout_with(Here::Elsewhere, None);
    let shown = Shown { task_form: Some(task_form), ..Shown::default() };
    Ok(build(request, layout, &known, &shown, back_of(form.get("next")).as_deref()))
}

/// The page of a student with a message.
pub(super) async fn with_banner(
    request: &DeskRequest,
    id: StudentId,
    form: &Form,
    banner: Banner,
) -> Result<StudentPage, Problem> {
    let known = view(request, id).await?;
    let layout = request.layout_with(Here::Elsewhere, Some(banner));
    Ok(build(request, layout, &known, &Shown::default(), back_of(form.get("next")).as_deref()))
}

/// What a page of a student shows of a form that was refused.
#[derive(Default)]
struct Shown<'a> {
    refused: Option<&'a RefusedDecision>,
    task_form: Option<TaskForm>,
    may_override: bool,
}

/// Whether it is the list, at any filter.
pub(super) fn is_list(next: &str) -> bool {
    page_paths::parts(next).0 == paths::DESK_STUDENTS && page_paths::is_desk_page(next)
}

/// The list to which a student's address leads back.
fn back_of(next: &str) -> Option<String> {
    let query = Form::parse(page_paths::parts(next).1.as_bytes()).ok()?;
    Some(query.get("back").to_owned()).filter(|back| is_list(back))
}

/// The decision of a form.
pub(super) fn decision(form: &Form, to: Status) -> Result<Decision, RefusedDecision> {
    let reason = form.get("reason_code").parse().ok();
    let typed = form.get("note");
    let refused = |error| RefusedDecision { error, reason, note: typed.to_owned() };
    let note = Note::parse(typed).map_err(|_| refused(DecisionFormError::NoteTooLong))?;
    // The reason's field is sent with every button.
    let given = reason.filter(|_| to == Status::Rejected);
    Decision::new(to, given, note).map_err(|error| refused(DecisionFormError::Decision(error)))
}

/// The version that a form carries.
pub(super) fn version(form: &Form) -> Result<Version, Problem> {
    form.get("version").parse().ok().and_then(Version::new).ok_or_else(Problem::invalid_fields)
}

/// The student with this id, or the page that says that there is none.
pub(super) async fn record(request: &DeskRequest, id: StudentId) -> Result<StudentRecord, Problem> {
    found(request, id, request.desk.students.find(id).await?).await
}

async fn view(request: &DeskRequest, id: StudentId) -> Result<Known, Problem> {
    let view = request.desk.students.view(id, &request.caller, request_context::new()?);
    found(request, id, view.await?).await
}

async fn found<T>(request: &DeskRequest, id: StudentId, found: Found<T>) -> Result<T, Problem> {
    match found {
        Found::Student(student) => Ok(student),
        Found::Erased(at) => Err(missing_student(request, ChangeError::Erased(at), id).await),
        Found::Nothing => Err(Problem::not_found()),
    }
}

fn build(
    request: &DeskRequest,
    layout: DeskLayout,
    known: &Known,
    shown: &Shown<'_>,
    back: Option<&str>,
) -> StudentPage {
    let sees_notes = request.caller.may(Permission::NotesRead);
    let view = StudentView {
        record: &known.record,
        notes: sees_notes.then_some(&*known.notes),
        history: sees_notes.then_some(&*known.history),
        undoable: &undoable(&request.caller, known),
        tasks: &known.tasks,
        task_form: shown.task_form.as_ref(),
        may_override: shown.may_override,
        names: &Names::new(&known.staff, &[]),
        links: request.desk.settings.links(known.record.origin.trace_id),
        admins: &admins(&known.staff),
        refused: shown.refused,
        back,
    };
    StudentPage::new(layout, &view)
}

/// The changes that the caller can undo now.
fn undoable(caller: &Caller, known: &Known) -> Vec<Undoable> {
    let now = clock::now();
    let may = |change: &&Undoable| may_undo(caller, change.by, change.at, now);
    known.undoable.iter().filter(may).copied().collect()
}

/// The names of those who can give a right.
pub(super) fn admins(staff: &[StaffMember]) -> Vec<String> {
    let admins = staff.iter().filter(|person| person.is_active_admin());
    admins.map(|person| person.display_name().to_owned()).collect()
}

/// What a colleague changed.
pub(super) fn change(stale: &StaleChange, locale: RequestLocale) -> Change {
    let program = locale.messages().desk.history.program;
    Change {
        who: stale.changed_by.clone().unwrap_or_else(|| program.to_owned()),
        at: stale.changed_at.unwrap_or(stale.current.created_at),
        fields: stale.changed_fields.iter().filter_map(|field| field.parse().ok()).collect(),
        status: stale.changed_fields.iter().any(|field| field == "status"),
    }
}

/// A missing student: one that never existed, or that was erased.
pub(super) async fn missing_student(
    request: &DeskRequest,
    error: ChangeError,
    id: StudentId,
) -> Problem {
    let ChangeError::Erased(at) = error else { return Problem::not_found() };
    let who = match request.desk.students.erased_by(id).await {
        Ok(who) => who.unwrap_or_default(),
        Err(error) => return error.into(),
    };
    let layout = DeskLayout::new(request.locale, Here::Elsewhere, paths::DESK_STUDENTS)
        .for_person(&request.caller.staff);
    Problem::erased().with_page(&MessagePage::erased(layout, &who, at))
}
