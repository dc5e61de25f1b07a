//! The people of the office.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    staff::{INVITATION_LIFETIME, Invitation, StaffChange, StaffError},
};
use registration_domain::EmailAddress;

use super::{
    Desk, message,
    pages::{Banner, Here, InviteError, InviteForm, Outcome, ShownLink, StaffPage},
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

pub(crate) async fn page(
    request: HttpRequest,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let banner = message::of_request(&desk, &request, locale).await?;
    let page =
        build(&desk, &request, locale, &caller, &InviteForm::default(), None, banner).await?;
    respond::page(locale, StatusCode::OK, &page)
}

#[tracing::instrument(name = "invite_staff_handler", skip_all)]
pub(crate) async fn invite(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let (typed, role) = (form.get("email"), form.get("role").parse().ok());
    let again = |error| InviteForm { email: typed.to_owned(), role, error: Some(error) };
    let (email, role) = match (EmailAddress::parse(typed), role) {
        (Ok(email), Some(role)) => (email, role),
        (email, _) => {
            let error = email.err().map_or(InviteError::RoleMissing, InviteError::Email);
            let page = build(&desk, &request, locale, &caller, &again(error), None, None).await?;
            return Err(respond::problem(invalid(), &page));
        }
    };
    let (by, context) = (caller.actor(), request_context::new()?);
    match desk.staff.invite(email, role, INVITATION_LIFETIME, by, context).await? {
        Ok(invitation) => show(&desk, &request, locale, &caller, &invitation).await,
        Err(error) => {
            let form = again(InviteError::EmailTaken);
            let page = build(&desk, &request, locale, &caller, &form, None, None).await?;
            Err(respond::problem(problem_of(error), &page))
        }
    }
}

#[tracing::instrument(name = "change_staff_handler", skip_all)]
pub(crate) async fn change(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let (by, context) = (caller.actor(), request_context::new()?);
    let (change, outcome) = match form.get("action") {
        "link" => {
            let invitation = desk.staff.new_link(id, by, context).await?.map_err(problem_of)?;
            return show(&desk, &request, locale, &caller, &invitation).await;
        }
        "role" => {
            let role = form.get("role").parse().map_err(|_| invalid())?;
            (StaffChange::Role(role), Outcome::StaffRoleChanged)
        }
        "disable" => (StaffChange::Disable, Outcome::StaffDisabled),
        "enable" => (StaffChange::Enable, Outcome::StaffEnabled),
        "end_sessions" => (StaffChange::EndSessions, Outcome::StaffSessionsEnded),
        _ => return Err(invalid()),
    };
    let version = student::version(&form)?;
    match desk.staff.change(id, version, change, by, context).await? {
        Ok(_) => Ok(respond::done(locale, paths::DESK_STAFF, message::name(outcome))),
        Err(error) => {
            let outcome = match error {
                StaffError::LastAdmin => Outcome::LastAdmin,
                _ => Outcome::StaffStale,
            };
            let banner = Some(Banner::of(locale, outcome, None));
            let form = InviteForm::default();
            let page = build(&desk, &request, locale, &caller, &form, None, banner).await?;
            Err(respond::problem(problem_of(error), &page))
        }
    }
}

async fn build(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    form: &InviteForm,
    link: Option<ShownLink>,
    banner: Option<Banner>,
) -> Result<StaffPage, Problem> {
    let everyone = desk.staff.all().await?;
    let layout = respond::layout_with(desk, request, locale, caller, Here::Staff, banner);
    Ok(StaffPage::new(layout, &everyone, caller.staff.id, form, link))
}

/// The page with a new link, which is shown this once.
async fn show(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    invitation: &Invitation,
) -> Result<HttpResponse, Problem> {
    let path = format!("{}?token={}", paths::WELCOME, invitation.secret);
    let url = match &desk.doorway.public_url {
        Some(url) => url.of(&path),
        None => {
            let scheme = if desk.doorway.is_secure(request) { "https" } else { "http" };
            let host = request.headers().get("host").and_then(|host| host.to_str().ok());
            format!("{scheme}://{}{}", host.unwrap_or_default(), locale.path(&path))
        }
    };
    let email = invitation.staff.email.as_str().to_owned();
    let link = ShownLink { email, url, expires_at: invitation.expires_at };
    let form = InviteForm::default();
    let page = build(desk, request, locale, caller, &form, Some(link), None).await?;
    respond::page(locale, StatusCode::OK, &page)
}

fn problem_of(error: StaffError) -> Problem {
    match error {
        StaffError::NotFound => Problem::not_found(),
        StaffError::Stale => student::stale_problem(),
        StaffError::LastAdmin => Problem::new(StatusCode::CONFLICT, "last_admin", |m| m.last_admin),
        StaffError::EmailTaken => {
            Problem::new(StatusCode::CONFLICT, "email_taken", |m| m.email_taken)
        }
    }
}
