//! What an applicant fills in: raw form, rules, and the valid values.

mod applicant;
mod email_address;
mod error_code;
mod field;
mod field_error;
mod fingerprint;
mod invisible;
mod pattern;
mod person_name;
mod raw_field;

pub use self::{
    applicant::{Applicant, ApplicantForm},
    email_address::EmailAddress,
    error_code::ErrorCode,
    field::{Field, PerField},
    field_error::{FieldError, FieldErrors},
    fingerprint::Fingerprint,
    person_name::PersonName,
    raw_field::RawField,
};
