//! The page on which an invited person sets name and password.

use askama::Template;
use registration_domain::{PasswordError, StaffMember};

use super::{
    errors::{FormErrors, NameError},
    layout::DeskLayout,
    paths,
    text_field::TextField,
};

/// What is wrong with name and password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WelcomeErrors {
    pub(crate) name: Option<NameError>,
    pub(crate) password: Option<PasswordError>,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/welcome.html")]
pub(crate) struct WelcomePage {
    layout: DeskLayout,
    errors: FormErrors,
    action: String,
    token: String,
    address: String,
    name: TextField,
    password: TextField,
}

impl WelcomePage {
    /// The page for the person of the link; `name` as typed, or as stored.
    pub(crate) fn new(
        layout: DeskLayout,
        person: &StaffMember,
        token: String,
        name: &str,
        problems: WelcomeErrors,
    ) -> Self {
        let text = &layout.text.welcome;
        let mut errors = FormErrors::default();
        let name_error = problems.name.map(|e| e.text(text.name_required, text.name_too_long));
        errors.add("name", name_error);
        errors.add("password", problems.password.map(|error| layout.text.passwords.error(error)));
        let name_field = TextField::new("name", text.name, &errors).value(name);
        let password = TextField::new("password", text.password, &errors);
        Self {
            action: layout.href(paths::WELCOME),
            token,
            address: person.email.as_str().to_owned(),
            name: name_field.hint(text.name_hint).input("text", "name"),
            password: password.hint(layout.text.passwords.rule).input("password", "new-password"),
            errors,
            layout,
        }
    }
}
