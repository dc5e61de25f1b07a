//! The pages, as the templates in `frontend/templates` see them.

use askama::Template;
use chrono::{DateTime, Utc};
use registration_domain::{Field, FieldErrors, RawRegistration, StudentId};

use crate::{
    assets::{self, AssetPaths},
    words,
};

/// The registration form, empty or with what was typed and what is wrong with it.
#[derive(Template)]
#[template(path = "form.html")]
pub(crate) struct FormPage {
    assets: AssetPaths,
    fields: Vec<FormField>,
    has_errors: bool,
    notice: Option<String>,
}

struct FormField {
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    input_type: &'static str,
    autocomplete: &'static str,
    value: String,
    error: Option<&'static str>,
}

impl FormPage {
    /// The form with what was typed, errors beside the fields, and a notice for the whole.
    pub(crate) fn new(
        typed: &RawRegistration,
        errors: Option<&FieldErrors>,
        notice: Option<String>,
    ) -> Self {
        let fields = Field::ALL.into_iter().map(|field| {
            let (input_type, autocomplete) = match field {
                Field::FirstName => ("text", "given-name"),
                Field::LastName => ("text", "family-name"),
                Field::Email => ("email", "email"),
            };
            let code = errors.and_then(|errors| errors.of_field(field));
            FormField {
                name: field.as_str(),
                label: words::label(field),
                hint: words::hint(field),
                input_type,
                autocomplete,
                value: typed.field(field).text().unwrap_or_default().to_owned(),
                error: code.map(|code| words::message(field, code)),
            }
        });
        let fields = fields.collect();
        Self { assets: assets::paths(), fields, has_errors: errors.is_some(), notice }
    }
}

/// What a registered student sees. Holds nothing personal: its address may be shared.
#[derive(Template)]
#[template(path = "registered.html")]
pub(crate) struct RegisteredPage {
    assets: AssetPaths,
    registration_number: String,
    registered_at: String,
}

impl RegisteredPage {
    pub(crate) fn new(id: StudentId, registered_at: DateTime<Utc>) -> Self {
        Self {
            assets: assets::paths(),
            registration_number: id.to_string(),
            registered_at: registered_at.format("%-d %B %Y, %H:%M UTC").to_string(),
        }
    }
}

/// An error, for a browser that asked for a page.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) assets: AssetPaths,
    pub(crate) title: &'static str,
    pub(crate) detail: &'static str,
    pub(crate) status: u16,
    pub(crate) reference: String,
}
