//! What was changed of a student, and what undoing restores of it.

use std::collections::BTreeMap;

use super::Skip;
use crate::{Action, JournalEntry, MarkChange, OperationId, Status, Version};

/// What undoing restores of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// This status.
    Status(Status),
    /// The values of this version.
    Values(Version),
    /// That there was no such student: an import created it.
    Absent,
}

impl Restored {
    /// What undoes the change of an entry, and the version that the change made; `None` where it cannot
    /// be undone.
    #[must_use]
    pub fn of(entry: &JournalEntry) -> Option<(Self, Version)> {
        let version = version(entry, "version")?;
        let restored = match entry.action {
            Action::StatusChanged => Self::Status(entry.detail.get("from")?.parse().ok()?),
            Action::Edited => Self::Values(version.previous()?),
            Action::Created if entry.detail.contains_key(IMPORTED_LINE) => Self::Absent,
            _ => return None,
        };
        Some((restored, version))
    }
}

/// In the detail of an entry: the line of the file from which a student was created.
pub const IMPORTED_LINE: &str = "line";

/// What an operation made of a student, in one or more versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What undoing restores, in the order in which it was changed: values before a status, which is
    /// stored last.
    pub restored: Vec<Restored>,
    /// The first version that it made.
    pub first: Version,
    /// The last.
    pub last: Version,
}

fn version(entry: &JournalEntry, name: &str) -> Option<Version> {
    entry.detail.get(name)?.parse().ok().and_then(Version::new)
}

/// The changes of one student that can be undone, by the version that each made.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    by_version: BTreeMap<Version, JournalEntry>,
    marks: Vec<(OperationId, MarkChange)>,
}

impl Changes {
    /// Adds an entry of the student; others than such changes are left out.
    pub fn add(&mut self, entry: JournalEntry) {
        if let Some((_, version)) = Restored::of(&entry) {
            self.by_version.insert(version, entry);
        } else if let Some((operation, change)) = entry.operation.zip(MarkChange::of(&entry)) {
            self.marks.push((operation, change));
        }
    }

    /// The version whose state this one has: undoing makes a version with the state of an earlier one.
    #[must_use]
    pub fn state_of(&self, of: Version) -> Version {
        self.by_version.get(&of).and_then(|entry| version(entry, "restores")).unwrap_or(of)
    }

    /// The reason with which this version was rejected.
    #[must_use]
    pub fn reason(&self, of: Version) -> Option<&str> {
        self.by_version.get(&of)?.detail.get("reason_code").map(String::as_str)
    }

    /// What an operation made.
    #[must_use]
    pub fn by(&self, operation: OperationId) -> Option<Made> {
        let entries = self.by_version.values().filter(|entry| entry.operation == Some(operation));
        let changes: Vec<_> = entries.filter_map(Restored::of).collect();
        let ((_, first), (_, last)) = (*changes.first()?, *changes.last()?);
        let restored: Vec<_> = changes.iter().map(|(restored, _)| *restored).collect();
        let restored = match restored.contains(&Restored::Absent) {
            true => vec![Restored::Absent],
            false => restored,
        };
        Some(Made { restored, first, last })
    }

    /// The item that an operation marked.
    #[must_use]
    pub fn mark_by(&self, operation: OperationId) -> Option<MarkChange> {
        self.marks.iter().find(|(by, _)| *by == operation).map(|(_, change)| *change)
    }

    /// The plan to undo an operation on a student of the version `current`: what is restored, and the
    /// version whose state that is.
    ///
    /// # Errors
    ///
    /// The state is not the one that the operation made.
    pub fn plan_undo(
        &self,
        operation: OperationId,
        current: Version,
    ) -> Result<(Vec<Restored>, Version), Skip> {
        let Made { restored, first, last } = self.by(operation).ok_or(Skip::ChangedSince)?;
        if self.state_of(current) != self.state_of(last) {
            return Err(Skip::ChangedSince);
        }
        // Nothing was before the first version: its state is restored by erasing.
        let before = first.previous().unwrap_or(first);
        Ok((restored, self.state_of(before)))
    }

    /// The operations that can be undone on a student of the version `current`, the latest first.
    pub fn undoable(&self, current: Version) -> impl Iterator<Item = &JournalEntry> {
        let state = self.state_of(current);
        let has_state = move |(made, _): &(&Version, &JournalEntry)| self.state_of(**made) == state;
        self.by_version.iter().rev().filter(has_state).map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::Actor;

    fn at() -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse().unwrap()
    }

    /// A change that made a version, by the operation of this number.
    fn change(action: Action, made: u32, operation: u8) -> JournalEntry {
        let entry = JournalEntry::new(at(), Actor::System, action, None);
        let operation = Some(OperationId::new(at(), [operation; 10]));
        let entry = entry.with("version", made.to_string()).with("from", "pending");
        JournalEntry { operation, ..entry }
    }

    fn number(version: u32) -> Version {
        Version::new(version).unwrap()
    }

    #[test]
    fn a_change_of_status_or_values_can_be_undone() {
        let of = |action| Restored::of(&change(action, 3, 1));
        let status = Restored::Status(Status::Pending);
        assert_eq!(of(Action::StatusChanged), Some((status, number(3))));
        assert_eq!(of(Action::Edited), Some((Restored::Values(number(2)), number(3))));
        assert_eq!(of(Action::Created), None);
        let imported = change(Action::Created, 1, 1).with(IMPORTED_LINE, "2");
        assert_eq!(Restored::of(&imported), Some((Restored::Absent, number(1))));
    }

    #[test]
    fn what_an_operation_changed_in_two_versions_is_undone_and_redone_as_one() {
        let id = |operation: u8| OperationId::new(at(), [operation; 10]);
        let mut changes = Changes::default();
        changes.add(change(Action::Created, 1, 9));
        changes.add(change(Action::Edited, 2, 2));
        changes.add(change(Action::StatusChanged, 3, 2));
        let (status, values) =
            (Restored::Status(Status::Pending), |version| Restored::Values(number(version)));
        assert_eq!(changes.plan_undo(id(2), number(2)), Err(Skip::ChangedSince));
        let undo = changes.plan_undo(id(2), number(3));
        assert_eq!(undo, Ok((vec![values(1), status], number(1))));
        changes.add(change(Action::Edited, 4, 4));
        changes.add(change(Action::StatusChanged, 5, 4).with("restores", "1"));
        let redo = changes.plan_undo(id(4), number(5));
        assert_eq!(redo, Ok((vec![values(3), status], number(3))));
    }

    #[test]
    fn an_imported_student_is_undone_with_all_that_the_import_did() {
        let id = |operation: u8| OperationId::new(at(), [operation; 10]);
        let mut changes = Changes::default();
        changes.add(change(Action::Created, 1, 1).with(IMPORTED_LINE, "2"));
        changes.add(change(Action::StatusChanged, 2, 1));
        let undo = changes.plan_undo(id(1), number(2)).map(|(restored, _)| restored);
        assert_eq!(undo, Ok(vec![Restored::Absent]));
        changes.add(change(Action::Edited, 3, 3));
        assert_eq!(changes.plan_undo(id(1), number(3)), Err(Skip::ChangedSince));
    }

    #[test]
    fn changes_are_undone_one_behind_the_other_and_redone() {
        let id = |operation: u8| OperationId::new(at(), [operation; 10]);
        let mut changes = Changes::default();
        changes.add(change(Action::Created, 1, 9));
        changes.add(change(Action::StatusChanged, 2, 2));
        changes.add(change(Action::Edited, 3, 3));
        let undo = |changes: &mut Changes, operation, current: u32| -> Result<u32, Skip> {
            let (_, state) = changes.plan_undo(id(operation), number(current))?;
            let made = current + 1;
            let undone = change(Action::StatusChanged, made, u8::try_from(made).unwrap());
            changes.add(undone.with("restores", state.to_string()));
            Ok(state.get())
        };
        let mut undo = |operation, current| undo(&mut changes, operation, current);
        // The last one first.
        assert_eq!(undo(2, 3), Err(Skip::ChangedSince));
        assert_eq!(undo(3, 3), Ok(2), "version 4");
        assert_eq!(undo(3, 4), Err(Skip::ChangedSince), "it is undone");
        assert_eq!(undo(2, 4), Ok(1), "version 5");
        assert_eq!(undo(5, 5), Ok(2), "what was undone last is redone");
        assert_eq!(undo(4, 6), Ok(3), "and what was undone before");
        assert_eq!(undo(3, 7), Ok(2));
        assert_eq!(undo(9, 8), Err(Skip::ChangedSince), "no change that can be undone");
        let undoable: Vec<_> = changes.undoable(number(3)).map(|entry| entry.operation).collect();
        assert_eq!(undoable, [Some(id(7)), Some(id(3))]);
    }
}
