//! Which fields are invalid, and why.

use crate::{ErrorCode, Field};

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
