//! The pages, as the templates in `frontend/templates` see them.

use std::borrow::Cow;

use askama::Template;
use chrono::{DateTime, Datelike as _, Utc};
use registration_domain::{EmailAddress, ErrorCode, Field, FieldErrors, PersonName, StudentId};

use crate::{
    admission::form_key,
    app::App,
    assets,
    body::Sent,
    clock,
    negotiation::Speech,
    problem::{ApiError, Malformed},
    reference::Reference,
    words::{FieldWords, Language, Words},
};

/// What every page has around it.
struct Frame {
    /// The folder of style, scripts and icon.
    assets: String,
    words: &'static Words,
    language: Language,
    /// Where the way home leads.
    home: String,
    /// The other languages.
    others: Vec<LanguageLink>,
}

/// A way to another language.
struct LanguageLink {
    tag: &'static str,
    name: &'static str,
    href: String,
}

impl Frame {
    /// The frame of a page whose other languages are at `path`.
    fn new(speech: Speech, path: &str) -> Self {
        let others = Language::ALL.into_iter().filter(|language| *language != speech.language);
        let other = |language: Language| LanguageLink {
            tag: language.tag(),
            name: language.name(),
            href: Speech::choose(path, language),
        };
        Self {
            assets: format!("/assets/{}", assets::version()),
            words: speech.words(),
            language: speech.language,
            home: speech.keep("/"),
            others: others.map(other).collect(),
        }
    }
}

/// The registration form, empty or with what was typed and what is wrong with it.
#[derive(Template)]
#[template(path = "public/form.html")]
pub(crate) struct FormPage {
    frame: Frame,
    fields: Vec<FormField>,
    has_errors: bool,
    notice: Option<Cow<'static, str>>,
    reference: Option<Reference>,
    action: String,
    key: String,
    minimum_fill_milliseconds: u128,
    traceparent: Option<String>,
}

struct FormField {
    name: &'static str,
    input: InputAttributes,
    words: &'static FieldWords,
    value: String,
    error: Option<&'static str>,
}

/// What a field's input tells browsers and the script.
struct InputAttributes {
    /// The input's `type`.
    kind: &'static str,
    /// What browsers may fill in (WCAG 2.2, success criterion 1.3.5).
    autocomplete: &'static str,
    /// The function in `rules.js` that checks the value.
    rule: &'static str,
    /// The maximum length: of a name in code points, of an address in bytes.
    limit: u64,
    /// The error code whose message is `words.invalid`, as part of an attribute's name.
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

impl FormPage {
    /// The form as it is first given out.
    pub(crate) fn empty(app: &App, speech: Speech) -> Result<Self, ApiError> {
        Ok(Self::with(app, speech, &Sent::default(), None, new_key(app)?))
    }

    /// The form again, with what was sent and what became of it.
    pub(crate) fn again(
        app: &App,
        speech: Speech,
        sent: &Sent,
        error: &ApiError,
        reference: Option<Reference>,
    ) -> Result<Self, ApiError> {
        let errors = error.field_errors();
        let spent = matches!(error, ApiError::KeyReused | ApiError::Malformed(Malformed::Key));
        let key = match sent.idempotency_key.text() {
            Some(key) if matches!(error, ApiError::PleaseConfirm(_)) => {
                form_key::confirmed(key).to_owned()
            }
            Some(key) if !spent && !key.is_empty() => key.to_owned(),
            _ => new_key(app)?,
        };
        let mut page = Self::with(app, speech, sent, errors.as_ref(), key);
        if errors.is_none() {
            page.notice = Some(notice(error, speech.words()));
            page.reference = reference.filter(|_| !matches!(error, ApiError::PleaseConfirm(_)));
        }
        Ok(page)
    }

    fn with(
        app: &App,
        speech: Speech,
        sent: &Sent,
        errors: Option<&FieldErrors>,
        key: String,
    ) -> Self {
        let words = speech.words();
        let field = |field| {
            let code = errors.and_then(|errors| errors.of_field(field));
            let value = sent.registration.field(field).text().unwrap_or_default().to_owned();
            let error = code.map(|code: ErrorCode| words.message(field, code));
            let (name, input) = (field.as_str(), InputAttributes::of(field));
            FormField { name, input, words: words.field(field), value, error }
        };
        let traceparent = app.config.browser_telemetry.then(registration_telemetry::traceparent);
        Self {
            frame: Frame::new(speech, "/"),
            fields: Field::ALL.into_iter().map(field).collect(),
            has_errors: errors.is_some(),
            notice: None,
            reference: None,
            action: speech.keep("/register"),
            key,
            minimum_fill_milliseconds: app.config.minimum_fill_time.as_millis(),
            traceparent: traceparent.flatten(),
        }
    }
}

fn new_key(app: &App) -> Result<String, ApiError> {
    let random = clock::random().map_err(ApiError::unexpected)?;
    Ok(app.form_secret.issue(clock::now(), random))
}

/// What is said above the form about an error that is not of a field.
fn notice(error: &ApiError, words: &'static Words) -> Cow<'static, str> {
    match error {
        ApiError::KeyReused => words.form.used_again.into(),
        error => error.public(words).detail,
    }
}

/// What a registered student sees. Holds nothing personal: its address may be shared.
#[derive(Template)]
#[template(path = "public/confirmation.html")]
pub(crate) struct RegisteredPage {
    frame: Frame,
    registration_number: String,
    registered_at: String,
    reference: Reference,
}

impl RegisteredPage {
    pub(crate) fn new(id: StudentId, registered_at: DateTime<Utc>, speech: Speech) -> Self {
        let months = &speech.words().registered.months;
        let month = months.get(registered_at.month0() as usize).copied().unwrap_or_default();
        let (day, rest) = (registered_at.day(), registered_at.format("%Y, %H:%M UTC"));
        Self {
            frame: Frame::new(speech, &format!("/students/{id}")),
            registration_number: id.to_string(),
            registered_at: format!("{day} {month} {rest}"),
            reference: Reference::of_student(id),
        }
    }
}

/// An error, for a browser that asked for a page.
#[derive(Template)]
#[template(path = "public/error.html")]
pub(crate) struct ErrorPage {
    frame: Frame,
    title: &'static str,
    detail: Cow<'static, str>,
    status: u16,
    reference: Option<Reference>,
}

impl ErrorPage {
    pub(crate) fn new(error: &ApiError, speech: Speech, reference: Option<Reference>) -> Self {
        let public = error.public(speech.words());
        let (title, detail, status) = (public.title, public.detail, public.status.as_u16());
        Self { frame: Frame::new(speech, "/"), title, detail, status, reference }
    }
}
