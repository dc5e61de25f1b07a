//! One student, and decisions about it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    students::{ChangeError, Found, StaleChange, StudentView as Known},
};
use registration_domain::{
    Decision, Note, Permission, StaffMember, StudentId, StudentRecord, Version,
};

use super::{
    Desk, message,
    pages::{
        Banner, Change, DecisionFormError, DeskLayout, Here, MessagePage, Names, RefusedDecision,
        StudentPage, StudentView, paths as page_paths,
    },
    respond, roster,
    welcome::invalid,
};
use crate::web::{
    desk_metrics,
    door::{MAX_BODY, SignedIn},
    form::Form,
    locale::RequestLocale,
    paths,
    problem::Problem,
    request_context,
};

#[tracing::instrument(name = "view_student_handler", skip_all)]
pub(crate) async fn page(
    request: HttpRequest,
    id: Path<String>,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = parse(&id)?;
    let layout = respond::layout(&desk, &request, locale, &caller, Here::Elsewhere).await?;
    let known = view(&desk, id, &caller, locale).await?;
    let query = Form::parse(request.query_string().as_bytes())?;
    let back = Some(query.get("back")).filter(|back| is_list(back));
    let page = build(&desk, layout, &caller, &known, None, back);
    respond::page(locale, StatusCode::OK, &page)
}

#[tracing::instrument(name = "change_status_handler", skip_all)]
pub(crate) async fn decide(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = parse(&id)?;
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let own = paths::of(paths::DESK_STUDENT, id);
    let next = Some(form.get("next")).filter(|next| page_paths::is_desk_page(next));
    let next = next.unwrap_or(&own);
    let to = form.get("to").parse().map_err(|_| invalid())?;
    let version = version(&form)?;
    let decision = match decision(&form, to) {
        Ok(decision) => decision,
        Err(refused) => {
            // The student's page has room for the reason.
            let known = view(&desk, id, &caller, locale).await?;
            let layout =
                respond::layout_with(&desk, &request, locale, &caller, Here::Elsewhere, None);
            let back = back_of(next);
            let page = build(&desk, layout, &caller, &known, Some(&refused), back.as_deref());
            return Err(respond::problem(invalid(), &page));
        }
    };
    let context = request_context::new()?;
    let changed = desk.students.decide(id, version, decision, &caller, context).await?;
    let (problem, banner) = match changed {
        Ok(changed) => {
            desk_metrics::decided(&changed, &caller);
            return Ok(respond::done(locale, next, &message::status_changed(id)));
        }
        Err(ChangeError::Stale(stale)) => {
            let banner = Banner::stale(locale, &stale.current, &change(&stale, locale));
            (stale_problem(), banner)
        }
        Err(ChangeError::IllegalTransition(record)) => {
            let problem =
                Problem::new(StatusCode::CONFLICT, "illegal_transition", |m| m.illegal_transition);
            (problem, Banner::illegal(locale, &record, to))
        }
        Err(error) => return Err(gone(&desk, error, id, &caller, locale).await),
    };
    // Where the person is: the list, or the student.
    if is_list(next) {
        let query = next.split_once('?').map_or("", |(_, query)| query);
        let list = roster::again(&desk, &request, locale, &caller, query, banner.clone()).await?;
        if let Some(page) = list {
            return Err(respond::problem(problem, &page));
        }
    }
    let known = view(&desk, id, &caller, locale).await?;
    let layout =
        respond::layout_with(&desk, &request, locale, &caller, Here::Elsewhere, Some(banner));
    let page = build(&desk, layout, &caller, &known, None, back_of(next).as_deref());
    Err(respond::problem(problem, &page))
}

/// Whether it is the list, at any filter.
fn is_list(next: &str) -> bool {
    let path = next.split_once('?').map_or(next, |(path, _)| path);
    path == paths::DESK_STUDENTS && page_paths::is_desk_page(next)
}

/// The list to which a student's address leads back.
fn back_of(next: &str) -> Option<String> {
    let query = Form::parse(next.split_once('?')?.1.as_bytes()).ok()?;
    Some(query.get("back").to_owned()).filter(|back| is_list(back))
}

fn decision(form: &Form, to: registration_domain::Status) -> Result<Decision, RefusedDecision> {
    let reason = form.get("reason_code").parse().ok();
    let typed = form.get("note");
    let refused = |error| RefusedDecision { error, reason, note: typed.to_owned() };
    let note = Note::parse(typed).map_err(|_| refused(DecisionFormError::NoteTooLong))?;
    // The reason's field is sent with every button.
    let given = reason.filter(|_| to == registration_domain::Status::Rejected);
    Decision::new(to, given, note).map_err(|error| refused(DecisionFormError::Decision(error)))
}

/// The version that a form carries.
pub(super) fn version(form: &Form) -> Result<Version, Problem> {
    form.get("version").parse().ok().and_then(Version::new).ok_or_else(invalid)
}

pub(super) fn parse(id: &str) -> Result<StudentId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

/// The student with this id, or the page that says that there is none.
pub(super) async fn record(
    desk: &Desk,
    id: StudentId,
    caller: &Caller,
    locale: RequestLocale,
) -> Result<StudentRecord, Problem> {
    match desk.students.find(id).await? {
        Found::Student(record) => Ok(record),
        Found::Erased(at) => Err(gone(desk, ChangeError::Erased(at), id, caller, locale).await),
        Found::Nothing => Err(Problem::not_found()),
    }
}

async fn view(
    desk: &Desk,
    id: StudentId,
    caller: &Caller,
    locale: RequestLocale,
) -> Result<Known, Problem> {
    match desk.students.view(id, caller, request_context::new()?).await? {
        Found::Student(known) => Ok(known),
        Found::Erased(at) => Err(gone(desk, ChangeError::Erased(at), id, caller, locale).await),
        Found::Nothing => Err(Problem::not_found()),
    }
}

fn build(
    desk: &Desk,
    layout: DeskLayout,
    caller: &Caller,
    known: &Known,
    refused: Option<&RefusedDecision>,
    back: Option<&str>,
) -> StudentPage {
    let sees_notes = caller.may(Permission::NotesRead);
    let view = StudentView {
        record: &known.record,
        notes: sees_notes.then_some(&*known.notes),
        history: sees_notes.then_some(&*known.history),
        names: &Names::new(&known.staff, &[]),
        links: desk.settings.links(known.record.origin.trace_id),
        admins: &admins(&known.staff),
        refused,
        back,
    };
    StudentPage::new(layout, &view)
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

pub(super) fn stale_problem() -> Problem {
    Problem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", |m| m.precondition_failed)
}

/// A student that is not there: never was, or was erased.
pub(super) async fn gone(
    desk: &Desk,
    error: ChangeError,
    id: StudentId,
    caller: &Caller,
    locale: RequestLocale,
) -> Problem {
    let ChangeError::Erased(at) = error else { return Problem::not_found() };
    let who = match desk.students.erased_by(id).await {
        Ok(who) => who.unwrap_or_default(),
        Err(error) => return error.into(),
    };
    let layout =
        DeskLayout::new(locale, Here::Elsewhere, paths::DESK_STUDENTS).for_person(&caller.staff);
    let page = MessagePage::erased(layout, &who, at);
    respond::problem(Problem::new(StatusCode::GONE, "erased", |m| m.erased), &page)
}
