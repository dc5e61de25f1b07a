//! A change of an item in the journal.

use chrono::{DateTime, Utc};

use super::{Mark, Task, TaskId};
use crate::{JournalEntry, StudentId, Version};

/// A changed mark, as an entry of the journal has it: what undoing restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkChange {
    /// The item.
    pub task: TaskId,
    /// The version that the change made.
    pub made: Version,
    /// When the item was added: one that comes back with a place begins with version 1 again.
    pub added_at: DateTime<Utc>,
    /// What it was before.
    pub before: Mark,
}

impl MarkChange {
    /// Whether the item is as this change has left it.
    #[must_use]
    pub fn is_last_of(&self, task: &Task) -> bool {
        (self.task, self.made, self.added_at) == (task.id, task.version, task.created_at)
    }

    /// The change of an entry; `None` where it is none.
    #[must_use]
    pub fn of(entry: &JournalEntry) -> Option<Self> {
        let detail = |name: &str| entry.detail.get(name);
        let state = detail("from")?.parse().ok()?;
        let completed_at = detail("completed_at").map(|at| at.parse()).transpose().ok()?;
        let by = detail("completed_by").map(|by| by.parse::<StudentId>()).transpose().ok()?;
        Some(Self {
            task: detail("task")?.parse().ok()?,
            made: detail("task_version")?.parse().ok().and_then(Version::new)?,
            added_at: detail("task_added")?.parse().ok()?,
            before: Mark { state, completed_at, completed_by: by.map(|by| *by.as_bytes()) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            TaskState,
            task::tests::{at, person, task},
        },
        *,
    };
    use crate::Action;

    #[test]
    fn an_entry_tells_what_undoing_restores_and_no_text() {
        let done = task().marked(TaskState::Done, person(1), at(5)).unwrap();
        let waived = done.marked(TaskState::Waived, person(2), at(6)).unwrap();
        let new = || JournalEntry::new(at(6), person(2), Action::Edited, None);
        let entry = waived.entry_of(Action::TaskMarked, Some(&done), new());
        let change = MarkChange {
            task: done.id,
            made: waived.version,
            added_at: done.created_at,
            before: done.mark,
        };
        assert!(change.is_last_of(&waived) && !change.is_last_of(&done));
        let again = Task { created_at: at(9), ..waived.clone() };
        assert!(!change.is_last_of(&again), "it has come back with a place");
        assert_eq!(MarkChange::of(&entry), Some(change));
        assert!(!format!("{entry:?}").contains("Birth"), "{entry:?}");
        assert_eq!(MarkChange::of(&done.entry_of(Action::TaskCreated, None, new())), None);
        assert_eq!(MarkChange::of(&new()), None);
    }
}
