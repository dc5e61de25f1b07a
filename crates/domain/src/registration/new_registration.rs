//! A registration that is to be stored.

use crate::{IdempotencyKey, Origin, Student};

/// A student to be stored, with the client's name for the attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegistration {
    /// The student.
    pub student: Student,
    /// The same for every repetition of the attempt; `None` where the client sent no key.
    pub key: Option<IdempotencyKey>,
    /// Where the request came from.
    pub origin: Origin,
}
