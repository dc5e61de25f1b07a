//! The words that people read about their registration, the same in JSON and on the page.

use registration_domain::{ErrorCode, Field};

/// The field's label on the page.
pub(crate) fn label(field: Field) -> &'static str {
    match field {
        Field::FirstName => "First name",
        Field::LastName => "Last name",
        Field::Email => "Email address",
    }
}

/// The field's hint on the page.
pub(crate) fn hint(field: Field) -> Option<&'static str> {
    match field {
        Field::FirstName | Field::LastName => None,
        Field::Email => Some("For example, name@example.com"),
    }
}

/// What to do about an error.
pub(crate) fn message(field: Field, code: ErrorCode) -> &'static str {
    use ErrorCode::{AlreadyRegistered, InvalidCharacters, InvalidEmail, Required, TooLong, Type};
    use Field::{Email, FirstName, LastName};
    match (field, code) {
        (FirstName, Required) => "Enter your first name",
        (FirstName, Type) => "First name must be text",
        (FirstName, TooLong) => "First name must be 100 characters or fewer",
        (FirstName, InvalidCharacters | InvalidEmail | AlreadyRegistered) => {
            "First name must have at least one letter, and no hidden or control characters"
        }
        (LastName, Required) => "Enter your last name",
        (LastName, Type) => "Last name must be text",
        (LastName, TooLong) => "Last name must be 100 characters or fewer",
        (LastName, InvalidCharacters | InvalidEmail | AlreadyRegistered) => {
            "Last name must have at least one letter, and no hidden or control characters"
        }
        (Email, Required) => "Enter your email address",
        (Email, Type) => "Email address must be text",
        (Email, TooLong) => "Email address must be 254 characters or fewer",
        (Email, InvalidEmail | InvalidCharacters) => {
            "Enter an email address in the correct format, like name@example.com"
        }
        (Email, AlreadyRegistered) => "This email address is already registered",
    }
}

/// What a registered student is told.
pub(crate) const REGISTERED: &str = "You are registered.";
