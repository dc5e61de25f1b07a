//! The list of students, single students, and what the office does with them.

mod change;
mod changed;
mod list;
mod stale;
mod view;

use std::{collections::HashSet, sync::Arc};

use parking_lot::Mutex;
use registration_domain::{JournalKeeper, StaffId, StudentId};

use super::Office;

pub(super) use self::view::find;
pub use self::{
    change::{ChangeError, CreateError},
    changed::Changed,
    list::{List, TaskCounts},
    stale::StaleChange,
    view::{Found, StudentView, Undoable},
};

/// Reads and changes students.
pub struct DeskStudents {
    office: Office,
    keeper: Arc<dyn JournalKeeper>,
    views: Mutex<Views>,
}

/// The views of the current hour, by person and student: each is journalled once an hour.
#[derive(Default)]
struct Views {
    hour: i64,
    seen: HashSet<(StaffId, StudentId)>,
}

impl DeskStudents {
    /// Over this office. `keeper` writes the entries of registrations before the first change of each.
    #[must_use]
    pub fn new(office: Office, keeper: Arc<dyn JournalKeeper>) -> Self {
        Self { office, keeper, views: Mutex::default() }
    }
}
