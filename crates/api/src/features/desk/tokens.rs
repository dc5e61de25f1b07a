//! Tokens of programs.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use chrono::TimeDelta;
use registration_application::desk::tokens::{NewToken, TokenError};
use registration_domain::Scopes;

use super::{
    message,
    pages::{Banner, Here, NameError, Names, Outcome, TokenForm, TokenFormError, TokensPage},
    request::DeskRequest,
};
use crate::{
    clock,
    web::{path_id, paths, problem::Problem, request_context},
};

pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let banner = request.banner().await?;
    let form = TokenForm::default();
    let page = build(&request, &form, None, banner).await?;
    request.page(&page)
}

#[tracing::instrument(name = "create_token_handler", skip_all)]
pub(crate) async fn create(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = request.form(payload).await?;
    let mut typed = TokenForm {
        name: form.get("name").to_owned(),
        scopes: form.all("scopes").map(str::to_owned).collect(),
        days: form.get("days").to_owned(),
        errors: Vec::new(),
    };
    // Unknown scopes and text that is no number are as wrong as none.
    let scopes = Scopes::parse(form.all("scopes")).unwrap_or_default();
    let days = form.get("days").trim().parse().ok().and_then(TimeDelta::try_days);
    let (name, lifetime) = (typed.name.clone(), days.unwrap_or_default());
    let new = NewToken { name, scopes, lifetime };
    let context = request_context::new()?;
    let errors = match request.desk.tokens.create(new, &request.caller, context).await? {
        Ok((_, secret)) => {
            let page = build(&request, &TokenForm::default(), Some(secret), None).await?;
            return request.page(&page);
        }
        Err(errors) => errors,
    };
    let shown = |error| match error {
        TokenError::Name => TokenFormError::Name(NameError::of(&typed.name)),
        TokenError::Scopes if typed.scopes.is_empty() => TokenFormError::ScopesMissing,
        TokenError::Scopes => TokenFormError::ScopeNotAllowed,
        TokenError::Lifetime => TokenFormError::DaysInvalid,
    };
    typed.errors = errors.into_iter().map(shown).collect();
    let page = build(&request, &typed, None, None).await?;
    Err(Problem::invalid_fields().with_page(&page))
}

#[tracing::instrument(name = "revoke_token_handler", skip_all)]
pub(crate) async fn revoke(
    request: DeskRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    if !request.desk.tokens.revoke(id, &request.caller, request_context::new()?).await? {
        return Err(Problem::not_found());
    }
    Ok(request.done(paths::DESK_TOKENS, message::name(Outcome::TokenRevoked)))
}

async fn build(
    request: &DeskRequest,
    form: &TokenForm,
    secret: Option<String>,
    banner: Option<Banner>,
) -> Result<TokensPage, Problem> {
    let tokens = request.desk.tokens.list(&request.caller).await?;
    let names = Names::new(&request.desk.staff.all().await?, &tokens);
    let layout = request.layout_with(Here::Tokens, banner);
    let role = request.caller.staff.role;
    Ok(TokensPage::new(layout, &tokens, &names, role, form, secret, clock::now()))
}
