//! What came in, and what is true: a raw form becomes a [`Registration`], or all of its errors.

use crate::{EmailAddress, ErrorCode, Field, FieldError, FieldErrors, PersonName};

/// One field as it arrived.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum RawField {
    /// Not there, or null.
    #[default]
    Missing,
    /// A string, whatever it says.
    Text(String),
    /// A number, a list or any other thing that is not a string.
    NotText,
}

impl RawField {
    /// The string, if one arrived.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::NotText => None,
        }
    }

    fn parse<T>(&self, parse: impl FnOnce(&str) -> Result<T, ErrorCode>) -> Result<T, ErrorCode> {
        match self {
            Self::NotText => Err(ErrorCode::Type),
            Self::Missing => Err(ErrorCode::Required),
            Self::Text(text) => parse(text),
        }
    }
}

impl std::fmt::Debug for RawField {
    /// Shows the shape, never the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::NotText => f.write_str("not text"),
            Self::Text(text) => write!(f, "[{} chars]", text.chars().count()),
        }
    }
}

/// A registration as it arrived, from JSON or from a form. Nothing is known about it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRegistration {
    /// The first name.
    pub first_name: RawField,
    /// The last name.
    pub last_name: RawField,
    /// The e-mail address.
    pub email: RawField,
}

impl RawRegistration {
    /// The field as it arrived.
    #[must_use]
    pub fn field(&self, field: Field) -> &RawField {
        match field {
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::Email => &self.email,
        }
    }
}

/// A valid registration: three valid, normalised values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// The e-mail address.
    pub email: EmailAddress,
}

impl Registration {
    /// Checks every field and takes them all, or says what is wrong with each.
    ///
    /// # Errors
    ///
    /// One error for each field that breaks a rule, in form order.
    pub fn parse(raw: &RawRegistration) -> Result<Self, FieldErrors> {
        let first_name = raw.first_name.parse(PersonName::parse);
        let last_name = raw.last_name.parse(PersonName::parse);
        let email = raw.email.parse(EmailAddress::parse);
        match (first_name, last_name, email) {
            (Ok(first_name), Ok(last_name), Ok(email)) => Ok(Self { first_name, last_name, email }),
            (first_name, last_name, email) => {
                let codes = [first_name.err(), last_name.err(), email.err()];
                let errors = Field::ALL.into_iter().zip(codes);
                let errors =
                    errors.filter_map(|(field, code)| Some(FieldError { field, code: code? }));
                Err(errors.collect())
            }
        }
    }
}
