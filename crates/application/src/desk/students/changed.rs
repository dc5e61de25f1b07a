//! The result of a change.

use registration_domain::{OperationId, Status, StudentId, StudentRecord, Version};

use super::super::once::Done;

/// A changed student, and the operation by which the change can be undone.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The student as it is now.
    pub record: StudentRecord,
    /// The status before.
    pub from: Status,
    /// The operation; `None` where nothing changed.
    pub operation: Option<OperationId>,
    /// How many items of the checklist came with the change.
    pub new_tasks: usize,
}

impl Changed {
    pub(super) fn version(&self) -> Version {
        self.record.version
    }
}

impl Done<Changed> {
    /// The student that was created or changed.
    #[must_use]
    pub fn student(&self) -> StudentId {
        match self {
            Self::Now(changed) => changed.record.id,
            Self::Before(answer) => answer.student,
        }
    }

    /// The student's version after it.
    #[must_use]
    pub fn version(&self) -> Version {
        match self {
            Self::Now(changed) => changed.version(),
            Self::Before(answer) => answer.version,
        }
    }
}
