//! The people of the office.

use askama::Template;
use chrono::{DateTime, Utc};
use registration_domain::{ErrorCode, Role, StaffId, StaffMember};

use super::{
    errors::FormErrors,
    layout::DeskLayout,
    moment::{Moment, Sentence},
    paths,
    text_field::TextField,
};

/// A link that is shown once.
pub(crate) struct ShownLink {
    pub(crate) email: String,
    pub(crate) url: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Why a person was not invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InviteError {
    Email(ErrorCode),
    EmailTaken,
    RoleMissing,
}

/// The invitation as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InviteForm {
    pub(crate) email: String,
    pub(crate) role: Option<Role>,
    pub(crate) errors: Vec<InviteError>,
}

struct Member {
    id: String,
    name: String,
    email: String,
    is_me: bool,
    is_active: bool,
    state: Sentence,
    role: &'static str,
    roles: Vec<RoleOption>,
    version: u32,
    action: String,
}

struct RoleOption {
    value: &'static str,
    label: &'static str,
    text: &'static str,
    is_chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/staff.html")]
pub(crate) struct StaffPage {
    layout: DeskLayout,
    errors: FormErrors,
    members: Vec<Member>,
    link: Option<(String, Sentence, String)>,
    action: String,
    email: TextField,
    roles: Vec<RoleOption>,
}

impl StaffPage {
    /// The page for the administrator `me`.
    pub(crate) fn new(
        layout: DeskLayout,
        staff: &[StaffMember],
        me: StaffId,
        invite: &InviteForm,
        link: Option<ShownLink>,
    ) -> Self {
        let text = &layout.text.staff;
        let fields = &layout.messages.fields;
        let mut errors = FormErrors::default();
        for error in &invite.errors {
            let (id, text) = match error {
                InviteError::Email(ErrorCode::Required) => ("email", fields.email.required),
                InviteError::Email(ErrorCode::TooLong) => ("email", fields.email.too_long),
                InviteError::Email(_) => ("email", fields.email.invalid),
                InviteError::EmailTaken => ("email", text.email_taken),
                InviteError::RoleMissing => ("role", text.role_required),
            };
            errors.add(id, Some(text));
        }
        let email = TextField::new("email", fields.email.label, &errors).value(&invite.email);
        let link = link.map(|link| {
            let until = Moment::new(link.expires_at, layout.messages);
            let heading = text.link_heading.replace("{email}", &link.email);
            (heading, Sentence::with_time(text.link_once, until), link.url)
        });
        Self {
            members: staff.iter().map(|person| Member::new(&layout, person, me)).collect(),
            action: layout.href(paths::STAFF),
            email: email.hint(text.invite_hint).input("email", "off"),
            roles: roles(&layout, invite.role),
            link,
            errors,
            layout,
        }
    }
}

impl Member {
    fn new(layout: &DeskLayout, person: &StaffMember, me: StaffId) -> Self {
        let text = &layout.text.staff;
        let state = match (person.disabled_at, person.has_password) {
            (Some(at), _) => Sentence::with_time(text.disabled, Moment::short(at, layout.messages)),
            (None, true) => text.active.into(),
            (None, false) => text.invited.into(),
        };
        Self {
            id: person.id.to_string(),
            name: person.display_name().to_owned(),
            email: person.email.as_str().to_owned(),
            is_me: person.id == me,
            is_active: person.is_active(),
            state,
            role: text.role_name(person.role),
            roles: roles(layout, Some(person.role)),
            version: person.version.get(),
            action: layout.href(&paths::staff_member(person.id)),
        }
    }
}

fn roles(layout: &DeskLayout, chosen: Option<Role>) -> Vec<RoleOption> {
    let option = |role: Role| RoleOption {
        value: role.as_str(),
        label: layout.text.staff.role_name(role),
        text: layout.text.staff.role_text(role),
        is_chosen: chosen == Some(role),
    };
    Role::ALL.into_iter().map(option).collect()
}
