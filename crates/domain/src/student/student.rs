//! A registered student.

use chrono::{DateTime, SubsecRound as _, Utc};

use crate::{Applicant, StudentId};

/// A registered applicant: id, values and time of registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Student {
    id: StudentId,
    applicant: Applicant,
    created_at: DateTime<Utc>,
}

impl Student {
    /// A student registered at `created_at`, which is truncated to whole microseconds: the finest
    /// resolution that every backend stores.
    #[must_use]
    pub fn new(id: StudentId, applicant: Applicant, created_at: DateTime<Utc>) -> Self {
        Self { id, applicant, created_at: created_at.trunc_subsecs(6) }
    }

    /// The public id.
    #[must_use]
    pub fn id(&self) -> StudentId {
        self.id
    }

    /// The values of the registration.
    #[must_use]
    pub fn applicant(&self) -> &Applicant {
        &self.applicant
    }

    /// When the student registered, in whole microseconds.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }
}
