//! The people of the office.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Payload},
};
use registration_application::desk::staff::{
    INVITATION_LIFETIME, Invitation, StaffChange, StaffError,
};
use registration_domain::EmailAddress;

use super::{
    message,
    pages::{Banner, Here, InviteError, InviteForm, Outcome, ShownLink, StaffPage},
    request::DeskRequest,
    student,
};
use crate::web::{path_id, paths, problem::Problem, request_context};

pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let banner = request.banner().await?;
    let page = build(&request, &InviteForm::default(), None, banner).await?;
    request.page(&page)
}

#[tracing::instrument(name = "invite_staff_handler", skip_all)]
pub(crate) async fn invite(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let (typed, role) = (form.get("email"), form.get("role").parse().ok());
    let again = |errors| InviteForm { email: typed.to_owned(), role, errors };
    let (email, role) = match (EmailAddress::parse(typed), role) {
        (Ok(email), Some(role)) => (email, role),
        (email, role) => {
            let mut errors: Vec<_> = email.err().map(InviteError::Email).into_iter().collect();
            errors.extend(role.is_none().then_some(InviteError::RoleMissing));
            let page = build(&request, &again(errors), None, None).await?;
            return Err(Problem::invalid_fields().with_page(&page));
        }
    };
    let (by, context) = (request.caller.actor(), request_context::new()?);
    match request.desk.staff.invite(email, role, INVITATION_LIFETIME, by, context).await? {
        Ok(invitation) => show(&request, &invitation).await,
        Err(error) => {
            let form = again(vec![InviteError::EmailTaken]);
            let page = build(&request, &form, None, None).await?;
            Err(problem_of(error).with_page(&page))
        }
    }
}

#[tracing::instrument(name = "change_staff_handler", skip_all)]
pub(crate) async fn change(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let (by, context) = (request.caller.actor(), request_context::new()?);
    let (change, outcome) = match form.get("action") {
        "link" => {
            let invitation =
                request.desk.staff.new_link(id, by, context).await?.map_err(problem_of)?;
            return show(&request, &invitation).await;
        }
        "role" => {
            let role = form.get("role").parse().map_err(|_| Problem::invalid_fields())?;
            (StaffChange::Role(role), Outcome::StaffRoleChanged)
        }
        "disable" => (StaffChange::Disable, Outcome::StaffDisabled),
        "enable" => (StaffChange::Enable, Outcome::StaffEnabled),
        "end_sessions" => (StaffChange::EndSessions, Outcome::StaffSessionsEnded),
        _ => return Err(Problem::invalid_fields()),
    };
    let version = student::version(&form)?;
    match request.desk.staff.change(id, version, change, by, context).await? {
        Ok(_) => Ok(request.done(paths::DESK_STAFF, message::name(outcome))),
        Err(error) => {
            let outcome = match error {
                StaffError::LastAdmin => Outcome::LastAdmin,
                _ => Outcome::StaffStale,
            };
            let banner = Some(Banner::of(request.locale, outcome, None));
            let form = InviteForm::default();
            let page = build(&request, &form, None, banner).await?;
            Err(problem_of(error).with_page(&page))
        }
    }
}

async fn build(
    request: &DeskRequest,
    form: &InviteForm,
    link: Option<ShownLink>,
    banner: Option<Banner>,
) -> Result<StaffPage, Problem> {
    let everyone = request.desk.staff.all().await?;
    let layout = request.layout_with(Here::Staff, banner);
    Ok(StaffPage::new(layout, &everyone, request.caller.staff.id, form, link))
}

/// The page with a new link, which is shown this once.
async fn show(request: &DeskRequest, invitation: &Invitation) -> Result<HttpResponse, Problem> {
    let path = format!("{}?token={}", paths::WELCOME, invitation.secret);
    let url = request.desk.doorway.absolute_url(&request.http, request.locale, &path);
    let email = invitation.staff.email.as_str().to_owned();
    let link = ShownLink { email, url, expires_at: invitation.expires_at };
    let form = InviteForm::default();
    let page = build(request, &form, Some(link), None).await?;
    request.page(&page)
}

fn problem_of(error: StaffError) -> Problem {
    match error {
        StaffError::NotFound => Problem::not_found(),
        StaffError::Stale => Problem::precondition_failed(),
        StaffError::LastAdmin => Problem::new(StatusCode::CONFLICT, "last_admin", |m| m.last_admin),
        StaffError::EmailTaken => {
            Problem::new(StatusCode::CONFLICT, "email_taken", |m| m.email_taken)
        }
    }
}
