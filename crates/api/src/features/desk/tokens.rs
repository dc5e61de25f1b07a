//! Tokens of programs.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use chrono::TimeDelta;
use registration_application::desk::{
    access::Caller,
    tokens::{NewToken, TokenError},
};
use registration_domain::Scopes;

use super::{
    Desk, message,
    pages::{Banner, Here, Names, Outcome, TokenForm, TokenFormError, TokensPage},
    respond,
    welcome::invalid,
};
use crate::{
    clock,
    web::{
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
    let form = TokenForm::default();
    let page = build(&desk, &request, locale, &caller, &form, None, banner).await?;
    respond::page(locale, StatusCode::OK, &page)
}

#[tracing::instrument(name = "create_token_handler", skip_all)]
pub(crate) async fn create(
    request: HttpRequest,
    payload: Payload,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let form = Form::read(&request, payload, desk.body_timeout, MAX_BODY).await?;
    let mut typed = TokenForm {
        name: form.get("name").to_owned(),
        scopes: form.all("scopes").map(str::to_owned).collect(),
        days: form.get("days").to_owned(),
        errors: Vec::new(),
    };
    let scopes = Scopes::parse(form.all("scopes"));
    let days = form.get("days").trim().parse().ok().and_then(TimeDelta::try_days);
    let error = match (scopes, days) {
        (Ok(scopes), Some(lifetime)) => {
            let new = NewToken { name: typed.name.clone(), scopes, lifetime };
            let context = request_context::new()?;
            match desk.tokens.create(new, &caller, context).await? {
                Ok((_, secret)) => {
                    let form = TokenForm::default();
                    let page =
                        build(&desk, &request, locale, &caller, &form, Some(secret), None).await?;
                    return respond::page(locale, StatusCode::OK, &page);
                }
                Err(TokenError::Name) if typed.name.trim().is_empty() => {
                    TokenFormError::NameMissing
                }
                Err(TokenError::Name) => TokenFormError::NameTooLong,
                Err(TokenError::Scopes) if typed.scopes.is_empty() => TokenFormError::ScopesMissing,
                Err(TokenError::Scopes) => TokenFormError::ScopeNotAllowed,
                Err(TokenError::Lifetime) => TokenFormError::DaysInvalid,
            }
        }
        (Err(_), _) => TokenFormError::ScopeNotAllowed,
        (_, None) => TokenFormError::DaysInvalid,
    };
    typed.errors.push(error);
    let page = build(&desk, &request, locale, &caller, &typed, None, None).await?;
    Err(respond::problem(invalid(), &page))
}

#[tracing::instrument(name = "revoke_token_handler", skip_all)]
pub(crate) async fn revoke(
    id: Path<String>,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    if !desk.tokens.revoke(id, &caller, request_context::new()?).await? {
        return Err(Problem::not_found());
    }
    Ok(respond::done(locale, paths::DESK_TOKENS, message::name(Outcome::TokenRevoked)))
}

async fn build(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    form: &TokenForm,
    secret: Option<String>,
    banner: Option<Banner>,
) -> Result<TokensPage, Problem> {
    let tokens = desk.tokens.list(caller).await?;
    let names = Names::new(&desk.staff.all().await?, &tokens);
    let layout = respond::layout_with(desk, request, locale, caller, Here::Tokens, banner);
    let role = caller.staff.role;
    Ok(TokensPage::new(layout, &tokens, &names, role, form, secret, clock::now()))
}
