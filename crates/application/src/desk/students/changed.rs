//! The result of a change.

use registration_domain::{OperationId, Status, StudentRecord};

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
