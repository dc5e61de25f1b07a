//! Which field is invalid, and why: codes for programs. Texts for people belong to the API layer.

use std::fmt;

use crate::Field;

/// Why a field is invalid.
///
/// The order of the variants is the order in which the rules are applied: a field reports the first
/// that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorCode {
    /// Not a string.
    Type,
    /// Missing, null, or blank.
    Required,
    /// A name over 100 code points or an address over 254 bytes.
    TooLong,
    /// A name with a forbidden character, or without a letter.
    InvalidCharacters,
    /// Not one e-mail address by the HTML standard's rule.
    InvalidEmail,
    /// A student with this e-mail address exists.
    AlreadyRegistered,
}

impl ErrorCode {
    /// Every code, in the order in which the rules are applied.
    pub const ALL: [Self; 6] = [
        Self::Type,
        Self::Required,
        Self::TooLong,
        Self::InvalidCharacters,
        Self::InvalidEmail,
        Self::AlreadyRegistered,
    ];

    /// Whether the page's script can find it: it sees text alone, and no other registration.
    #[must_use]
    pub const fn is_found_by_script(self) -> bool {
        match self {
            Self::Required | Self::TooLong | Self::InvalidCharacters | Self::InvalidEmail => true,
            Self::Type | Self::AlreadyRegistered => false,
        }
    }

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

/// An invalid field and the reason. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {code}")]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// The first rule that failed.
    pub code: ErrorCode,
}

/// Every invalid field of a form: at most one error a field, in form order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// The errors, in form order.
    pub fn iter(&self) -> impl Iterator<Item = FieldError> + '_ {
        self.0.iter().copied()
    }

    /// The reason why `field` is invalid, if it is.
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
