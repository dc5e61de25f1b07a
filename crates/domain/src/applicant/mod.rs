//! What an applicant fills in: raw form, rules, and the valid values.

mod applicant;
mod email_address;
mod field;
mod field_error;
mod pattern;
mod person_name;
mod raw_field;

pub use self::{
    applicant::{Applicant, ApplicantForm},
    email_address::EmailAddress,
    field::{Field, PerField},
    field_error::{ErrorCode, FieldError, FieldErrors},
    person_name::PersonName,
    raw_field::RawField,
};
