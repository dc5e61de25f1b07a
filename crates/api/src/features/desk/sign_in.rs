//! Signing in and out, and going on with what was typed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{SET_COOKIE, USER_AGENT},
    },
    web::{Data, Payload},
};
use askama::Template as _;
use registration_application::desk::{
    DeskError,
    access::Caller,
    sign_in::{SignInAttempt, SignInError as Refused, SignedIn as NewSession},
};
use registration_application::threads::NotRun;
use registration_domain::Permission;

use super::{
    Desk, edit, new_student,
    pages::{
        DeskLayout, Here, MessagePage, ResumePage, SignInError, SignInNotice, SignInPage,
        paths as page_paths,
    },
    request::DeskRequest,
    student,
};
use crate::web::{
    client_address, desk_metrics,
    door::{Carried, DoorPages, MAX_BODY},
    form::Form,
    locale::RequestLocale,
    pages, paths,
    problem::Problem,
    reference::SupportReference,
    request_context,
};

/// The pages that the door shows.
pub(crate) const DOOR_PAGES: DoorPages =
    DoorPages { sign_in: carrying_page, fresh: fresh_page, forbidden, error: error_page };

/// Largest body: a carried form is encoded once more.
const MAX_SIGN_IN_BODY: usize = 3 * MAX_BODY;

pub(crate) async fn form(
    request: HttpRequest,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let query = Form::parse(request.query_string().as_bytes())?;
    let next = Some(query.get("next").to_owned()).filter(|next| page_paths::is_desk_page(next));
    let notice = match query.get("notice") {
        "signed-out" => Some(SignInNotice::SignedOut),
        "password" => Some(SignInNotice::PasswordSet),
        "fresh" => Some(SignInNotice::Fresh),
        _ => None,
    };
    let page = SignInPage::new(layout(locale), "", next, None, notice, None);
    pages::html(locale, &page)
}

#[tracing::instrument(name = "sign_in_handler", skip_all)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_SIGN_IN_BODY).await?;
    if !desk.settings.allows_plain && !desk.doorway.is_secure(&request) {
        let problem =
            Problem::new(StatusCode::FORBIDDEN, "insecure_connection", |m| m.insecure_connection);
        return Err(problem);
    }
    let client = client_address::address(request.head(), desk.doorway.trusted_proxies);
    desk.doorway.check_sign_in(&request)?;
    let attempt = SignInAttempt {
        email: form.get("email").to_owned(),
        password: form.get("password").to_owned(),
        client,
        label: label(&request),
    };
    let result = desk.sign_in.sign_in(attempt, request_context::new()?).await;
    desk_metrics::signed_in(&result);
    match result {
        Ok(session) => signed_in(&desk, &request, locale, &form, &session),
        Err(error) => Err(refused(locale, &form, error)),
    }
}

/// Leads to where the person wanted to go, or shows what was typed before the session ended.
fn signed_in(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    form: &Form,
    session: &NewSession,
) -> Result<HttpResponse, Problem> {
    let cookie = desk.doorway.set_cookie(request, Some(&session.secret));
    let carried = Carried::of_field(form.get("carried"));
    // What another person had typed is dropped.
    let own = carried.filter(|carried| {
        carried.staff.as_ref().is_none_or(|staff| *staff == session.staff.id.to_string())
    });
    let mut response = match own {
        Some(carried) => {
            let layout = DeskLayout::new(locale, Here::Elsewhere, paths::DESK_STUDENTS)
                .for_person(&session.staff);
            let typed = Form::parse(carried.form.as_bytes())?;
            resumed(locale, layout, &carried.path, &typed)?
        }
        None => {
            let next = Some(form.get("next")).filter(|next| page_paths::is_desk_page(next));
            pages::see_other(&page_paths::href(locale, next.unwrap_or(paths::DESK)))
        }
    };
    let cookie = cookie.parse().map_err(|_| Problem::internal())?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// The form as it was typed, or a page that sends it.
fn resumed(
    locale: RequestLocale,
    layout: DeskLayout,
    path: &str,
    typed: &Form,
) -> Result<HttpResponse, Problem> {
    if path == paths::DESK_NEW_STUDENT {
        let page = new_student::resumed(layout, typed);
        return pages::html(locale, &page);
    }
    let (before, behind) = paths::DESK_EDIT.split_once("{id}").unwrap_or_default();
    let student = path.strip_prefix(before).and_then(|path| path.strip_suffix(behind));
    if let Some(id) = student.and_then(|id| id.parse().ok())
        && let Ok(version) = student::version(typed)
    {
        let page = edit::resumed(layout, id, version, typed);
        return pages::html(locale, &page);
    }
    let page = ResumePage::new(layout, path, typed.fields().to_vec());
    pages::html(locale, &page)
}

/// The page again, with the address as typed and what is carried.
fn refused(locale: RequestLocale, form: &Form, error: Refused) -> Problem {
    let (problem, shown) = match error {
        Refused::Wrong { retry_after } | Refused::Disabled { retry_after } => (
            wrong_password(),
            SignInError::Wrong { wait: (retry_after > 1).then_some(retry_after) },
        ),
        Refused::Delayed { retry_after } => (
            wrong_password().with_retry_after(retry_after),
            SignInError::Wrong { wait: Some(retry_after) },
        ),
        Refused::Desk(DeskError::NotRun(NotRun::TooBusy)) => {
            (DeskError::NotRun(NotRun::TooBusy).into(), SignInError::TooBusy)
        }
        Refused::Desk(error) => return error.into(),
    };
    let next = Some(form.get("next").to_owned()).filter(|next| !next.is_empty());
    let carried = Some(form.get("carried").to_owned()).filter(|carried| !carried.is_empty());
    let page = SignInPage::new(layout(locale), form.get("email"), next, carried, None, Some(shown));
    problem.with_page(&page)
}

fn wrong_password() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_password", |m| m.wrong_password)
}

#[tracing::instrument(name = "sign_out_handler", skip_all)]
pub(crate) async fn sign_out(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let DeskRequest { http, desk, caller, locale } = request;
    if let Some(session) = caller.session() {
        desk.sign_in.sign_out(caller.staff.id, session, request_context::new()?).await?;
    }
    let link = locale.href_with(paths::SIGN_IN, &[("notice", "signed-out")]);
    let mut response = pages::see_other(&link);
    let cookie = desk.doorway.set_cookie(&http, None);
    let cookie = cookie.parse().map_err(|_| Problem::internal())?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn layout(locale: RequestLocale) -> DeskLayout {
    DeskLayout::new(locale, Here::Elsewhere, paths::SIGN_IN)
}

/// The page to sign in after a session has ended.
fn carrying_page(locale: RequestLocale, carried: Option<&Carried>) -> Option<String> {
    let notice = match carried {
        Some(_) => SignInNotice::TypedIsKept,
        None => SignInNotice::Expired,
    };
    let carried = carried.map(Carried::to_field);
    SignInPage::new(layout(locale), "", None, carried, Some(notice), None).render().ok()
}

/// The page to sign in once more before a change of lasting effect, with the form that asked for it.
fn fresh_page(
    locale: RequestLocale,
    caller: &Caller,
    path: &str,
    form: Option<String>,
) -> Option<String> {
    let next = form.is_none().then(|| path.to_owned());
    let carried = form.map(|form| {
        let staff = Some(caller.staff.id.to_string());
        Carried { staff, path: path.to_owned(), form }.to_field()
    });
    let (email, notice) = (caller.staff.email.as_str(), Some(SignInNotice::Fresh));
    SignInPage::new(layout(locale), email, next, carried, notice, None).render().ok()
}

fn forbidden(
    locale: RequestLocale,
    caller: &Caller,
    permission: Permission,
    admins: &[String],
) -> Option<String> {
    let layout =
        DeskLayout::new(locale, Here::Elsewhere, paths::DESK_STUDENTS).for_person(&caller.staff);
    MessagePage::no_permission(layout, permission, admins).render().ok()
}

fn error_page(
    locale: RequestLocale,
    caller: Option<&Caller>,
    problem: &Problem,
    reference: Option<SupportReference>,
) -> Option<String> {
    let layout = DeskLayout::new(locale, Here::Elsewhere, paths::DESK_STUDENTS);
    let layout = match caller {
        Some(caller) => layout.for_person(&caller.staff),
        None => layout,
    };
    MessagePage::error(layout, problem, reference).render().ok()
}

/// Browser and system, as far as `User-Agent` says.
fn label(request: &HttpRequest) -> String {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.unwrap_or_default();
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // The order matters: most browsers also name those that they resemble.
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
