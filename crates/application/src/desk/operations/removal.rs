//! Removals: undoing an import erases the students that it created. Their addresses are free again.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, DeskTransaction, JournalEntry, Operation, OperationKind, RepositoryError, RowId,
    StudentRecord,
};

/// Those of these students on which the office has worked: with a note, an item of
/// its own, or one that was changed. They are not removed.
pub(super) fn worked_on(
    desk: &mut dyn DeskTransaction,
    kind: &OperationKind,
    rows: &[RowId],
) -> Result<HashSet<RowId>, RepositoryError> {
    if !matches!(kind, OperationKind::Undo(_)) {
        return Ok(HashSet::new());
    }
    let mut found = desk.with_notes(rows)?;
    found.extend(desk.with_changed_tasks(rows)?);
    Ok(found)
}

/// Erases these students, who are locked, with an entry for each.
pub(super) fn apply(
    desk: &mut dyn DeskTransaction,
    operation: &Operation,
    removed: &[StudentRecord],
    now: DateTime<Utc>,
) -> Result<(), RepositoryError> {
    let ids: Vec<_> = removed.iter().map(|record| record.id).collect();
    desk.erase_records(&ids)?;
    let mut entries = Vec::with_capacity(removed.len());
    for record in removed {
        let subject = Some(*record.id.as_bytes());
        let entry = JournalEntry::new(now, operation.actor, Action::Erased, subject);
        let entry = match &operation.kind {
            OperationKind::Undo(undone) => entry.with("undoes", undone.to_string()),
            OperationKind::Decide(_) | OperationKind::CompleteTask(_) => entry,
        };
        let (trace_id, operation) = (operation.trace_id, Some(operation.id));
        entries.push(JournalEntry { trace_id, operation, ..entry });
    }
    desk.append_all(&entries)
}
