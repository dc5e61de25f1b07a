//! A person's own name, password and sessions.

use actix_web::{HttpResponse, web::Payload};
use registration_application::desk::{
    sign_in::SignInError,
    staff::{JoinError, SessionChoice},
};
use registration_domain::{SecretHash, StaffMember};

use super::{
    message,
    pages::{Banner, Here, NameError, Outcome, ProfileError, ProfilePage},
    request::DeskRequest,
};
use crate::{
    clock,
    web::{client_address, hex, paths, problem::Problem, request_context},
};

pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let banner = request.banner().await?;
    let page = build(&request, None, None, banner).await?;
    request.page(&page)
}

#[tracing::instrument(name = "change_profile_handler", skip_all)]
pub(crate) async fn post(request: DeskRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let name = form.get("name");
    let shortcuts = !form.get("shortcuts").is_empty();
    match request.desk.staff.change_profile(request.caller.staff.clone(), name, shortcuts).await {
        Ok(Ok(())) => Ok(done(&request, Outcome::ProfileSaved)),
        Ok(Err(_)) => Err(Problem::precondition_failed()),
        Err(JoinError::Desk(error)) => Err(error.into()),
        Err(_) => {
            let error = ProfileError::Name(NameError::of(name));
            refuse(&request, Some(name), error).await
        }
    }
}

#[tracing::instrument(name = "change_password_handler", skip_all)]
pub(crate) async fn password(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let client = client_address::address(request.http.head(), request.desk.doorway.trusted_proxies);
    let (staff, context) = (&request.caller.staff, request_context::new()?);
    match request.desk.sign_in.confirm_password(staff, form.get("current"), client, context).await {
        Ok(()) => {}
        Err(SignInError::Desk(error)) => return Err(error.into()),
        Err(_) => {
            let error = ProfileError::WrongCurrentPassword;
            return refuse(&request, None, error).await;
        }
    }
    let (staff, keep): (StaffMember, _) = (staff.clone(), request.caller.session());
    match request.desk.staff.change_password(staff, form.get("password"), keep, context).await {
        Ok(()) => Ok(done(&request, Outcome::PasswordChanged)),
        Err(JoinError::Invalid { password: Some(error), .. }) => {
            let error = ProfileError::NewPassword(error);
            refuse(&request, None, error).await
        }
        Err(JoinError::Desk(error)) => Err(error.into()),
        Err(JoinError::Invalid { password: None, .. } | JoinError::LinkExpired) => {
            Err(Problem::invalid_fields())
        }
    }
}

#[tracing::instrument(name = "end_sessions_handler", skip_all)]
pub(crate) async fn sessions(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let (choice, outcome) = match form.get("action") {
        "end" => {
            let typed = form.get("session");
            let hash = hex::decode(typed).filter(|hash| hex::encode(hash) == typed);
            let hash = hash.ok_or_else(Problem::invalid_fields)?;
            (SessionChoice::One(SecretHash::from_bytes(hash)), Outcome::SessionEnded)
        }
        "end_others" => {
            (SessionChoice::AllBut(request.caller.session()), Outcome::OtherSessionsEnded)
        }
        _ => return Err(Problem::invalid_fields()),
    };
    request
        .desk
        .staff
        .end_sessions(request.caller.staff.id, choice, request_context::new()?)
        .await?;
    Ok(done(&request, outcome))
}

fn done(request: &DeskRequest, outcome: Outcome) -> HttpResponse {
    request.done(paths::DESK_PROFILE, message::name(outcome))
}

async fn refuse(
    request: &DeskRequest,
    name: Option<&str>,
    error: ProfileError,
) -> Result<HttpResponse, Problem> {
    let page = build(request, name, Some(error), None).await?;
    Err(Problem::invalid_fields().with_page(&page))
}

async fn build(
    request: &DeskRequest,
    name: Option<&str>,
    error: Option<ProfileError>,
    banner: Option<Banner>,
) -> Result<ProfilePage, Problem> {
    let now = clock::now();
    let sessions = request.desk.staff.sessions(request.caller.staff.id, now).await?;
    let layout = request.layout_with(Here::Profile, banner);
    let Some(current) = request.caller.session() else { return Err(Problem::invalid_fields()) };
    Ok(ProfilePage::new(layout, &request.caller.staff, &sessions, current, name, error, now))
}
