//! A text field with its label, hint and error.

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};

use super::errors::FormErrors;
use crate::i18n::FieldMessages;

/// A field of a form.
#[derive(Debug, Template)]
#[template(path = "desk/field.html")]
pub(super) struct TextField {
    id: Cow<'static, str>,
    name: &'static str,
    label: &'static str,
    hint: Option<String>,
    value: String,
    kind: &'static str,
    autocomplete: &'static str,
    error: Option<String>,
    is_required: bool,
}

impl TextField {
    /// A field of plain text; its id is its name.
    pub(super) fn new(name: &'static str, label: &'static str, errors: &FormErrors) -> Self {
        Self {
            id: name.into(),
            name,
            label,
            hint: None,
            value: String::new(),
            kind: "text",
            autocomplete: "off",
            error: errors.of(name).map(str::to_owned),
            is_required: true,
        }
    }

    /// One of the three fields of a student. The browser does not fill in the colleague's own values.
    pub(super) fn of_student(
        name: &'static str,
        messages: &'static FieldMessages,
        errors: &FormErrors,
    ) -> Self {
        let field = Self::new(name, messages.label, errors);
        Self { hint: messages.hint.map(str::to_owned), ..field }
    }

    /// With an id of its own, where a page has the field several times.
    pub(super) fn id(self, id: String, errors: &FormErrors) -> Self {
        let error = errors.of(&id).map(str::to_owned);
        Self { id: id.into(), error, ..self }
    }

    pub(super) fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    pub(super) fn value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The input's type, and what a password manager may fill in (WCAG 2.2, 1.3.5 and 3.3.8).
    pub(super) fn input(self, kind: &'static str, autocomplete: &'static str) -> Self {
        Self { kind, autocomplete, ..self }
    }
}

/// Its template escapes the texts.
impl HtmlSafe for TextField {}
