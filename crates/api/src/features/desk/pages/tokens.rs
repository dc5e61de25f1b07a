//! The tokens of programs.

use askama::Template;
use chrono::{DateTime, Utc};
use registration_domain::{ApiToken, Role};

use super::{
    errors::FormErrors,
    layout::DeskLayout,
    moment::Moment,
    names::Names,
    paths,
    text_field::TextField,
    token_form::{ScopeOption, TokenForm, scope_text},
};

struct TokenEntry {
    name: String,
    /// Whose it is, for administrators.
    owner: String,
    visible: String,
    scopes: Vec<&'static str>,
    created: Moment,
    used: Option<Moment>,
    expires: Moment,
    /// Why it does not work any more.
    ended: Option<&'static str>,
    revoke: String,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/tokens.html")]
pub(crate) struct TokensPage {
    layout: DeskLayout,
    errors: FormErrors,
    tokens: Vec<TokenEntry>,
    secret: Option<String>,
    action: String,
    name: TextField,
    days: TextField,
    scopes: Vec<ScopeOption>,
}

impl TokensPage {
    /// The page for a person with this role; `secret` is a new token, shown once.
    pub(crate) fn new(
        layout: DeskLayout,
        tokens: &[ApiToken],
        names: &Names,
        role: Role,
        form: &TokenForm,
        secret: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        let text = &layout.text.tokens;
        let errors = form.problems(text);
        let days = if form.days.is_empty() { "90" } else { &form.days };
        Self {
            tokens: tokens.iter().map(|token| entry(&layout, token, names, now)).collect(),
            action: layout.href(paths::TOKENS),
            name: TextField::new("name", text.name, &errors).value(&form.name).hint(text.name_hint),
            days: TextField::new("days", text.days, &errors).value(days).hint(text.days_hint),
            scopes: form.options(role, text),
            secret,
            errors,
            layout,
        }
    }
}

fn entry(layout: &DeskLayout, token: &ApiToken, names: &Names, now: DateTime<Utc>) -> TokenEntry {
    let text = &layout.text.tokens;
    let moment = |at| Moment::short(at, layout.messages);
    let permissions = token.scopes.permissions().iter();
    let ended = match token.revoked_at {
        Some(_) => Some(text.revoked),
        None => (!token.is_active(now)).then_some(text.expired),
    };
    TokenEntry {
        name: token.name.clone(),
        owner: names.of_staff(token.staff, layout.text),
        visible: token.visible.clone(),
        scopes: permissions.map(|permission| scope_text(text, *permission)).collect(),
        created: moment(token.created_at),
        used: token.used_at.map(moment),
        expires: moment(token.expires_at),
        ended,
        revoke: layout.href(&paths::revoke_token(token.id)),
    }
}
