//! The form for a new token.

use registration_domain::{Permission, Role, Scopes};

use super::errors::{FormErrors, NameError};
use crate::i18n::desk::TokenMessages;

/// Why a token was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFormError {
    Name(NameError),
    ScopesMissing,
    ScopeNotAllowed,
    DaysInvalid,
}

/// A new token as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenForm {
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) days: String,
    pub(crate) errors: Vec<TokenFormError>,
}

/// A scope that can be chosen.
pub(super) struct ScopeOption {
    pub(super) value: &'static str,
    pub(super) text: &'static str,
    pub(super) is_chosen: bool,
}

impl TokenForm {
    /// The scopes that a person with this role may give.
    pub(super) fn options(&self, role: Role, text: &TokenMessages) -> Vec<ScopeOption> {
        let option = |(permission, value): (Permission, &'static str)| ScopeOption {
            value,
            text: scope_text(text, permission),
            is_chosen: self.scopes.iter().any(|scope| scope == value),
        };
        Scopes::offered_to(role).map(option).collect()
    }

    /// What is wrong with it.
    pub(super) fn problems(&self, text: &'static TokenMessages) -> FormErrors {
        let mut errors = FormErrors::default();
        for error in &self.errors {
            let (id, text) = match error {
                TokenFormError::Name(error) => {
                    ("name", error.text(text.name_required, text.name_too_long))
                }
                TokenFormError::ScopesMissing => ("scopes", text.scopes_required),
                TokenFormError::ScopeNotAllowed => ("scopes", text.scope_not_allowed),
                TokenFormError::DaysInvalid => ("days", text.days_invalid),
            };
            errors.add(id, Some(text));
        }
        errors
    }
}

/// What a scope allows.
pub(super) const fn scope_text(text: &TokenMessages, permission: Permission) -> &'static str {
    match permission {
        Permission::StudentsRead => text.students_read,
        Permission::NotesRead => text.notes_read,
        Permission::StudentsWrite => text.students_write,
        Permission::StudentsDecide => text.students_decide,
        Permission::ExportsRead => text.exports_read,
        Permission::ImportsWrite => text.imports_write,
        Permission::TasksRead => text.tasks_read,
        Permission::TasksWrite => text.tasks_write,
        Permission::SettingsManage => text.settings_manage,
        Permission::AuditRead => text.audit_read,
        Permission::PrivacyManage => text.privacy_manage,
        // These have no scope.
        Permission::Override
        | Permission::UndoOthers
        | Permission::OwnTokens
        | Permission::StaffManage => "",
    }
}
