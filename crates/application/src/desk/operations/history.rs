//! What the journal says of the students of an operation.

use std::collections::HashMap;

use registration_domain::{Changes, DeskTransaction, RepositoryError, StudentId};

/// The kind in metrics of operations on items of the checklist.
pub(super) const CHECKLIST: &str = "checklist";

/// The kind in metrics of imports.
pub(super) const IMPORT: &str = "import";

/// The kind in metrics of operations on students.
pub(super) const fn metric_kind(of_values: bool) -> &'static str {
    if of_values { "edit" } else { "decision" }
}

/// What was changed of each of these students.
pub(super) fn histories(
    desk: &mut dyn DeskTransaction,
    ids: &[StudentId],
) -> Result<HashMap<StudentId, Changes>, RepositoryError> {
    let mut histories: HashMap<_, Changes> = HashMap::new();
    for entry in desk.changes(ids)? {
        let Some(subject) = entry.subject else { continue };
        histories.entry(StudentId::from_bytes(subject)).or_default().add(entry);
    }
    Ok(histories)
}
