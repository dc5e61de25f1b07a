//! Which field is wrong, and how: codes for machines. The words for people live with the pages.

use std::fmt;

/// A field of the registration form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The student's first name.
    FirstName,
    /// The student's last name.
    LastName,
    /// The student's e-mail address.
    Email,
}

impl Field {
    /// Every field, in the order in which the form shows them and errors are reported.
    pub const ALL: [Self; 3] = [Self::FirstName, Self::LastName, Self::Email];

    /// The name used in JSON, in forms, in metrics and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a field was refused.
///
/// The order of the variants is the order in which the rules are tried: a field reports the first
/// that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorCode {
    /// Something other than a string.
    Type,
    /// Missing, null, or nothing but white space.
    Required,
    /// A name over 100 code points or an address over 254 bytes.
    TooLong,
    /// A name with characters that no name has, or without a letter.
    InvalidCharacters,
    /// Not one e-mail address by the HTML standard's rule.
    InvalidEmail,
    /// Somebody has registered with this e-mail address.
    AlreadyRegistered,
}

impl ErrorCode {
    /// Every code, in the order in which the rules are tried.
    pub const ALL: [Self; 6] = [
        Self::Type,
        Self::Required,
        Self::TooLong,
        Self::InvalidCharacters,
        Self::InvalidEmail,
        Self::AlreadyRegistered,
    ];

    /// The name used in problem bodies and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::InvalidCharacters => "invalid_characters",
            Self::InvalidEmail => "invalid_email",
            Self::AlreadyRegistered => "already_registered",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One field and what is wrong with it. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {code}")]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// The first rule that it breaks.
    pub code: ErrorCode,
}

/// All that is wrong with a registration: at most one error a field, in form order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// The errors, in form order.
    pub fn iter(&self) -> impl Iterator<Item = FieldError> + '_ {
        self.0.iter().copied()
    }

    /// What is wrong with `field`, if anything.
    #[must_use]
    pub fn of_field(&self, field: Field) -> Option<ErrorCode> {
        self.iter().find(|error| error.field == field).map(|error| error.code)
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl FromIterator<FieldError> for FieldErrors {
    fn from_iter<I: IntoIterator<Item = FieldError>>(errors: I) -> Self {
        Self(errors.into_iter().collect())
    }
}
