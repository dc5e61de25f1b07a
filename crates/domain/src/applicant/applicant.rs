//! From a form as received to a valid applicant, or to all of its errors.

use crate::{
    EmailAddress, Field, FieldError, FieldErrors, Fingerprint, PerField, PersonName, RawField,
};

/// A form as received, from JSON or from a browser. No rule has been applied to it.
pub type ApplicantForm = PerField<RawField>;

/// A valid applicant: every value normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// The e-mail address.
    pub email: EmailAddress,
}

impl Applicant {
    /// Applies every field's rules.
    ///
    /// # Errors
    ///
    /// One error for each invalid field, in form order.
    pub fn parse(form: &ApplicantForm) -> Result<Self, FieldErrors> {
        let PerField { first_name, last_name, email } = form;
        let mut errors = Vec::new();
        let mut report = |field, code| errors.push(FieldError { field, code });
        let first_name = first_name.parse(PersonName::parse);
        let first_name = first_name.map_err(|code| report(Field::FirstName, code));
        let last_name = last_name.parse(PersonName::parse);
        let last_name = last_name.map_err(|code| report(Field::LastName, code));
        let email = email.parse(EmailAddress::parse);
        let email = email.map_err(|code| report(Field::Email, code));
        match (first_name, last_name, email) {
            (Ok(first_name), Ok(last_name), Ok(email)) => Ok(Self { first_name, last_name, email }),
            _ => Err(errors.into_iter().collect()),
        }
    }

    /// Each normalised value as text.
    #[must_use]
    pub fn texts(&self) -> PerField<&str> {
        let Self { first_name, last_name, email } = self;
        PerField {
            first_name: first_name.as_str(),
            last_name: last_name.as_str(),
            email: email.as_str(),
        }
    }

    /// The hash that identifies this request among those with the same idempotency key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.texts())
    }
}
