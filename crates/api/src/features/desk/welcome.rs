//! The page on which an invited person sets name and password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use registration_application::desk::staff::JoinError;
use registration_domain::StaffMember;

use super::{
    Desk,
    pages::{DeskLayout, Here, MessagePage, NameError, WelcomeErrors, WelcomePage},
};
use crate::{
    clock,
    web::{
        door::MAX_BODY, form::Form, locale::RequestLocale, pages, paths, problem::Problem,
        request_context,
    },
};

pub(crate) async fn form(
    request: HttpRequest,
    desk: Data<Desk>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    // A link's secret can be guessed like a password: the same quota.
    desk.doorway.check_sign_in(&request)?;
    let query = Form::parse(request.query_string().as_bytes())?;
    let token = query.get("token");
    let person = desk.staff.invited(token, clock::now()).await?;
    let Some(person) = person else { return Err(link_expired(locale)) };
    let errors = WelcomeErrors::default();
    let page = WelcomePage::new(layout(locale), &person, token.to_owned(), &person.name, errors);
    pages::html(locale, &page)
}

#[tracing::instrument(name = "join_handler", skip_all)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    // A link's secret can be guessed like a password: the same quota.
    desk.doorway.check_sign_in(&request)?;
    let (token, name) = (form.get("token"), form.get("name"));
    let joined = desk.staff.join(token, name, form.get("password"), request_context::new()?).await;
    let errors = match joined {
        Ok(_) => {
            let link = locale.href_with(paths::SIGN_IN, &[("notice", "password")]);
            return Ok(pages::see_other(&link));
        }
        Err(JoinError::LinkExpired) => return Err(link_expired(locale)),
        Err(JoinError::Desk(error)) => return Err(error.into()),
        Err(JoinError::Invalid { name: is_invalid, password }) => {
            WelcomeErrors { name: is_invalid.then(|| NameError::of(name)), password }
        }
    };
    let person = desk.staff.invited(token, clock::now()).await?;
    let Some(person) = person else { return Err(link_expired(locale)) };
    let page = again(locale, &person, token, name, errors);
    Err(Problem::invalid_fields().with_page(&page))
}

fn again(
    locale: RequestLocale,
    person: &StaffMember,
    token: &str,
    name: &str,
    errors: WelcomeErrors,
) -> WelcomePage {
    WelcomePage::new(layout(locale), person, token.to_owned(), name, errors)
}

fn layout(locale: RequestLocale) -> DeskLayout {
    DeskLayout::new(locale, Here::Elsewhere, paths::WELCOME)
}

fn link_expired(locale: RequestLocale) -> Problem {
    let problem = Problem::new(StatusCode::GONE, "link_expired", |m| m.link_expired);
    problem.with_page(&MessagePage::link_expired(layout(locale)))
}
