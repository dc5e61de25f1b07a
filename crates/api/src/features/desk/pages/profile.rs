//! A person's own page.

use askama::Template;
use chrono::{DateTime, Utc};
use registration_domain::{PasswordError, SecretHash, Session, StaffMember};

use super::{
    errors::{FormErrors, NameError},
    layout::DeskLayout,
    moment::Moment,
    paths,
    text_field::TextField,
};
use crate::web::hex;

/// What is wrong with one of the page's forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfileError {
    Name(NameError),
    WrongCurrentPassword,
    NewPassword(PasswordError),
}

struct SessionEntry {
    value: String,
    label: String,
    is_this: bool,
    signed_in: Moment,
    used: Moment,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/profile.html")]
pub(crate) struct ProfilePage {
    layout: DeskLayout,
    errors: FormErrors,
    address: String,
    role: &'static str,
    action: String,
    name: TextField,
    shortcuts: bool,
    password_action: String,
    current: TextField,
    password: TextField,
    sessions_action: String,
    sessions: Vec<SessionEntry>,
    has_others: bool,
}

impl ProfilePage {
    /// The page of `me` in the session `current`; `typed_name` where the form was sent. Sessions that
    /// have ended by themselves are left out.
    pub(crate) fn new(
        layout: DeskLayout,
        me: &StaffMember,
        sessions: &[Session],
        current: SecretHash,
        typed_name: Option<&str>,
        error: Option<ProfileError>,
        now: DateTime<Utc>,
    ) -> Self {
        let text = &layout.text.profile;
        let errors = errors(&layout, error);
        let active = sessions.iter().filter(|session| session.is_active(now));
        let sessions: Vec<_> = active.map(|s| SessionEntry::new(&layout, s, current)).collect();
        let name = TextField::new("name", layout.text.welcome.name, &errors);
        let password = TextField::new("password", text.new, &errors);
        let current = TextField::new("current", text.current, &errors);
        Self {
            address: me.email.as_str().to_owned(),
            role: layout.text.staff.role_name(me.role),
            action: layout.href(paths::PROFILE),
            name: name
                .value(typed_name.unwrap_or(&me.name))
                .hint(layout.text.welcome.name_hint)
                .input("text", "name"),
            shortcuts: me.shortcuts,
            password_action: layout.href(paths::PASSWORD),
            current: current.input("password", "current-password"),
            password: password.hint(layout.text.passwords.rule).input("password", "new-password"),
            sessions_action: layout.href(paths::SESSIONS),
            has_others: sessions.iter().any(|session| !session.is_this),
            sessions,
            errors,
            layout,
        }
    }
}

impl SessionEntry {
    fn new(layout: &DeskLayout, session: &Session, current: SecretHash) -> Self {
        let unknown = layout.text.profile.unknown_browser;
        let label = if session.label.is_empty() { unknown } else { &session.label };
        Self {
            value: hex::encode(session.hash.as_bytes()),
            label: label.to_owned(),
            is_this: session.hash == current,
            signed_in: Moment::short(session.created_at, layout.messages),
            used: Moment::short(session.seen_at, layout.messages),
        }
    }
}

fn errors(layout: &DeskLayout, error: Option<ProfileError>) -> FormErrors {
    let (welcome, profile) = (&layout.text.welcome, &layout.text.profile);
    match error {
        None => FormErrors::default(),
        Some(ProfileError::Name(error)) => {
            FormErrors::one("name", Some(error.text(welcome.name_required, welcome.name_too_long)))
        }
        Some(ProfileError::WrongCurrentPassword) => {
            FormErrors::one("current", Some(profile.wrong_current))
        }
        Some(ProfileError::NewPassword(error)) => {
            FormErrors::one("password", Some(layout.text.passwords.error(error)))
        }
    }
}
