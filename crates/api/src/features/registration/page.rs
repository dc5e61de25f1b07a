//! The form, empty or with values and errors.

use std::borrow::Cow;

use askama::Template;
use registration_application::register::{RegistrationRequest, without_prefix};
use registration_domain::{EmailAddress, Field, FieldErrors, PersonName};

use super::FormSettings;
use crate::{
    i18n::FieldMessages,
    web::{
        locale::RequestLocale, pages::Layout, paths, problem::Problem, reference::SupportReference,
    },
};

/// The registration form.
#[derive(Template)]
#[template(path = "public/form.html")]
pub(super) struct FormPage {
    layout: Layout,
    fields: Vec<FormField>,
    has_errors: bool,
    notice: Option<Cow<'static, str>>,
    reference: Option<SupportReference>,
    action: String,
    /// Where the page's script sends spans.
    relay: String,
    token: String,
    minimum_fill_milliseconds: u128,
    traceparent: Option<String>,
}

struct FormField {
    name: &'static str,
    input: InputAttributes,
    messages: &'static FieldMessages,
    value: String,
    error: Option<&'static str>,
}

/// The attributes of a field's input, for browsers and for the script.
struct InputAttributes {
    /// The input's `type`.
    kind: &'static str,
    /// What browsers may fill in (WCAG 2.2, success criterion 1.3.5).
    autocomplete: &'static str,
    /// The function in `rules.js` that checks the value.
    rule: &'static str,
    /// The maximum length: of a name in code points, of an address in bytes.
    limit: u64,
    /// The error code whose message is `messages.invalid`, as part of an attribute's name.
    invalid_code: &'static str,
}

impl InputAttributes {
    fn of(field: Field) -> Self {
        let name = |autocomplete| Self {
            kind: "text",
            autocomplete,
            rule: "name",
            limit: PersonName::MAX_CODE_POINTS,
            invalid_code: "invalid-characters",
        };
        match field {
            Field::FirstName => name("given-name"),
            Field::LastName => name("family-name"),
            Field::Email => Self {
                kind: "email",
                autocomplete: "email",
                rule: "email",
                limit: EmailAddress::MAX_BYTES as u64,
                invalid_code: "invalid-email",
            },
        }
    }
}

/// The token of a form that is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormToken {
    /// The same attempt continues.
    Keep,
    /// The same attempt, confirmed: the bot check passes it.
    Confirmed,
    /// The token cannot be used again.
    Renew,
}

impl FormPage {
    /// The form as first served.
    pub(super) fn empty(settings: &FormSettings, locale: RequestLocale) -> Result<Self, Problem> {
        let (request, token) = (RegistrationRequest::default(), settings.issue_token()?);
        Ok(Self::new(settings, locale, &request, None, token))
    }

    /// The form again, with the values and what became of them.
    pub(super) fn again(
        settings: &FormSettings,
        locale: RequestLocale,
        request: &RegistrationRequest,
        problem: &Problem,
        token: FormToken,
        reference: Option<SupportReference>,
    ) -> Result<Self, Problem> {
        let sent = request.idempotency_key.text().filter(|token| !token.is_empty());
        let next_token = match (sent, token) {
            (Some(sent), FormToken::Confirmed) => without_prefix(sent).to_owned(),
            (Some(sent), FormToken::Keep) => sent.to_owned(),
            _ => settings.issue_token()?,
        };
        let errors = problem.field_errors.as_ref();
        let mut page = Self::new(settings, locale, request, errors, next_token);
        if errors.is_none() {
            page.notice = Some(problem.detail(locale.messages()));
            // A confirmation is no failure that support could explain.
            page.reference = reference.filter(|_| token != FormToken::Confirmed);
        }
        Ok(page)
    }

    /// The same page with another notice above the form.
    pub(super) fn with_notice(self, notice: &'static str) -> Self {
        Self { notice: Some(notice.into()), ..self }
    }

    fn new(
        settings: &FormSettings,
        locale: RequestLocale,
        request: &RegistrationRequest,
        errors: Option<&FieldErrors>,
        token: String,
    ) -> Self {
        let messages = locale.messages();
        let field = |field: Field| FormField {
            name: field.as_str(),
            input: InputAttributes::of(field),
            messages: messages.fields.get(field),
            value: request.applicant.get(field).text().unwrap_or_default().to_owned(),
            error: errors
                .and_then(|errors| errors.of_field(field))
                .map(|code| messages.message(field, code)),
        };
        let traceparent =
            settings.browser_telemetry.then(registration_telemetry::traceparent).flatten();
        Self {
            layout: Layout::new(locale, paths::HOME),
            fields: Field::ALL.into_iter().map(field).collect(),
            has_errors: errors.is_some(),
            notice: None,
            reference: None,
            action: locale.href(paths::REGISTER),
            relay: locale.path(paths::BROWSER_SPANS),
            token,
            minimum_fill_milliseconds: settings.minimum_fill_time.as_millis(),
            traceparent,
        }
    }
}
