//! What a student and a registration are.
//!
//! Everything here is true by construction: a [`PersonName`] or an [`EmailAddress`] that exists is
//! valid and normalised, and a [`Registration`] holds three such values. The one way in is
//! [`Registration::parse`], which reports what is wrong with every field at once. The one way out
//! to storage is the [`StudentRepository`] port.
//!
//! This crate knows nobody: no HTTP, no SQL, no runtime, no clock. Time and randomness come in as
//! arguments.
//!
//! # Add a field
//!
//! 1. Write its newtype beside [`PersonName`]: `parse` normalises, then answers the first
//!    [`ErrorCode`] that applies; `Debug` shows a shape, never the value.
//! 2. Add it to [`RawRegistration`], [`Registration`] and [`Field`]; the compiler names the rest.
//! 3. Add cases to the corpus; every layer's tests read them.

mod email_address;
mod field_error;
mod idempotency_key;
mod pattern;
mod person_name;
mod registration;
mod repository;
mod student;

pub use email_address::EmailAddress;
pub use field_error::{ErrorCode, Field, FieldError, FieldErrors};
pub use idempotency_key::{IdempotencyKey, InvalidIdempotencyKey};
pub use person_name::PersonName;
pub use registration::{RawField, RawRegistration, Registration};
pub use repository::{
    Cause, InsertOutcome, Insertion, RepositoryError, StudentRepository, Submission, Unavailability,
};
pub use student::{ParseStudentIdError, Student, StudentId};
