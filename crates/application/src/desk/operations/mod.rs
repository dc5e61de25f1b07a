//! Operations: decisions on many students at once, and undoing.
//!
//! A request stores its operation with the students in one transaction. They are then changed in chunks,
//! each a transaction with its entries of the journal: by the request itself where there are few,
//! otherwise by a job. Whatever ends the process, any instance's job changes the rest.

mod begin;
mod change;
mod history;
mod mark_change;
pub(super) mod record_change;
mod removal;
mod run;
mod undo;
mod view;

use std::sync::Arc;

use registration_domain::JournalKeeper;
use tokio::sync::Notify;

use super::{Office, jobs::Observer};

pub use self::{
    begin::{BeginError, Begun, Moment, Preview, Selection, Skipped},
    run::{Random, run_operations},
    undo::UndoError,
    view::{OperationView, may_undo},
};

/// Begins, runs, undoes and shows operations.
#[derive(Clone)]
pub struct Operations {
    office: Office,
    keeper: Arc<dyn JournalKeeper>,
    observe: Observer,
    /// Wakes the job.
    begun: Arc<Notify>,
}

impl Operations {
    /// Over this office. `keeper` writes the entries of registrations before the first change of each.
    #[must_use]
    pub fn new(office: Office, keeper: Arc<dyn JournalKeeper>, observe: Observer) -> Self {
        Self { office, keeper, observe, begun: Arc::default() }
    }
}
