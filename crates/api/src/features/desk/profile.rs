//! A person's own name, password and sessions.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use registration_application::desk::{
    access::Caller,
    sign_in::SignInError,
    staff::{JoinError, SessionChoice},
};
use registration_domain::{SecretHash, StaffMember};

use super::{
    Desk, message,
    pages::{Banner, Here, Outcome, ProfileError, ProfilePage, session_value},
    respond, student,
    welcome::invalid,
};
use crate::{
    clock,
    web::{
        client_address,
        door::{MAX_BODY, SignedIn},
        form::Form,
        locale::RequestLocale,
        paths,
        problem::Problem,
        request_context,
    },
};

pub(crate) async fn page(
    request: HttpRequest,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let banner = message::of_request(&desk, &request, locale).await?;
    let page = build(&desk, &request, locale, &caller, None, None, banner).await?;
    respond::page(locale, StatusCode::OK, &page)
}

#[tracing::instrument(name = "change_profile_handler", skip_all)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let name = form.get("name");
    let shortcuts = !form.get("shortcuts").is_empty();
    match desk.staff.change_profile(caller.staff.clone(), name, shortcuts).await {
        Ok(Ok(())) => Ok(done(locale, Outcome::ProfileSaved)),
        Ok(Err(_)) => Err(student::stale_problem()),
        Err(JoinError::Desk(error)) => Err(error.into()),
        Err(_) => {
            let error = if name.trim().is_empty() {
                ProfileError::NameMissing
            } else {
                ProfileError::NameTooLong
            };
            refuse(&desk, &request, locale, &caller, Some(name), error).await
        }
    }
}

#[tracing::instrument(name = "change_password_handler", skip_all)]
pub(crate) async fn password(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let client = client_address::address(request.head(), desk.doorway.trusted_proxies);
    let (staff, context) = (&caller.staff, request_context::new()?);
    match desk.sign_in.confirm_password(staff, form.get("current"), client, context).await {
        Ok(()) => {}
        Err(SignInError::Desk(error)) => return Err(error.into()),
        Err(_) => {
            let error = ProfileError::WrongCurrentPassword;
            return refuse(&desk, &request, locale, &caller, None, error).await;
        }
    }
    let (staff, keep): (StaffMember, _) = (staff.clone(), caller.session());
    match desk.staff.change_password(staff, form.get("password"), keep, context).await {
        Ok(()) => Ok(done(locale, Outcome::PasswordChanged)),
        Err(JoinError::Password(error)) => {
            let error = ProfileError::NewPassword(error);
            refuse(&desk, &request, locale, &caller, None, error).await
        }
        Err(JoinError::Desk(error)) => Err(error.into()),
        Err(JoinError::Name | JoinError::LinkExpired) => Err(invalid()),
    }
}

#[tracing::instrument(name = "end_sessions_handler", skip_all)]
pub(crate) async fn sessions(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let (choice, outcome) = match form.get("action") {
        "end" => {
            let hash = hash(form.get("session")).ok_or_else(invalid)?;
            (SessionChoice::One(hash), Outcome::SessionEnded)
        }
        "end_others" => (SessionChoice::AllBut(caller.session()), Outcome::OtherSessionsEnded),
        _ => return Err(invalid()),
    };
    desk.staff.end_sessions(caller.staff.id, choice, request_context::new()?).await?;
    Ok(done(locale, outcome))
}

fn done(locale: RequestLocale, outcome: Outcome) -> HttpResponse {
    respond::done(locale, paths::DESK_PROFILE, message::name(outcome))
}

async fn refuse(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    name: Option<&str>,
    error: ProfileError,
) -> Result<HttpResponse, Problem> {
    let page = build(desk, request, locale, caller, name, Some(error), None).await?;
    Err(respond::problem(invalid(), &page))
}

async fn build(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    name: Option<&str>,
    error: Option<ProfileError>,
    banner: Option<Banner>,
) -> Result<ProfilePage, Problem> {
    let now = clock::now();
    let sessions = desk.staff.sessions(caller.staff.id, now).await?;
    let layout = respond::layout_with(desk, request, locale, caller, Here::Profile, banner);
    let Some(current) = caller.session() else { return Err(invalid()) };
    Ok(ProfilePage::new(layout, &caller.staff, &sessions, current, name, error, now))
}

/// The hash that [`session_value`] writes.
fn hash(text: &str) -> Option<SecretHash> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    let hash = SecretHash::from_bytes(bytes);
    (session_value(hash) == text).then_some(hash)
}
