//! Operations: changes of several students that are made, and undone, together.

mod changes;
mod operation;

pub use self::{
    changes::{Changes, IMPORTED_LINE, Made, Restored},
    operation::{
        Operation, OperationItem, OperationKind, Outcome, Skip, plan_completion, plan_decision,
    },
};
