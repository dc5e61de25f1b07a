//! The items of the templates follow the status: a student has them with a place, as long as it lasts.

use chrono::{DateTime, Utc};
use registration_domain::{DeskTransaction, RepositoryError, RowId, StudentRecord, has_checklist};

/// Gives the items to those of these locked students who have got a place, and removes what was never
/// changed from those who have lost it. Returns the number of new items.
pub(in crate::desk) fn follow<'a>(
    desk: &mut dyn DeskTransaction,
    changes: impl IntoIterator<Item = (RowId, &'a StudentRecord, &'a StudentRecord)>,
    now: DateTime<Utc>,
) -> Result<usize, RepositoryError> {
    let (mut with_place, mut without) = (Vec::new(), Vec::new());
    for (row, before, after) in changes {
        match (has_checklist(before.status), has_checklist(after.status)) {
            (false, true) => with_place.push((row, after.id)),
            (true, false) => without.push(row),
            (true, true) | (false, false) => {}
        }
    }
    if !without.is_empty() {
        desk.remove_checklists(&without)?;
    }
    if with_place.is_empty() { Ok(0) } else { desk.add_checklists(&with_place, now) }
}
