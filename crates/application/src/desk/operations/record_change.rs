//! Changes of students' records: decisions, and what undoing restores.

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, Field, JournalEntry, Operation, OperationKind, RecordHash,
    RecordUpdate, RepositoryError, Restored, RowId, Salt, Skip, Status, StudentRecord, Version,
};
use sha2::{Digest as _, Sha256};

use super::super::checklist::follow;

/// A change of the record of one student.
pub(super) struct RecordChange {
    pub(super) row: RowId,
    pub(super) before: StudentRecord,
    pub(super) after: StudentRecord,
    /// The version whose state it restores, and the reason with which that one was rejected.
    restores: Option<(Version, Option<String>)>,
}

impl RecordChange {
    pub(super) fn of_status(
        row: RowId,
        before: StudentRecord,
        to: Status,
        now: DateTime<Utc>,
    ) -> Self {
        let after = before.with_status(to, now);
        Self { row, before, after, restores: None }
    }
}

/// Undoes a change of a student, who is locked. Restored values are stored here.
pub(super) fn restore(
    desk: &mut dyn DeskTransaction,
    row: RowId,
    before: StudentRecord,
    restored: Restored,
    restores: (Version, Option<String>),
    now: DateTime<Utc>,
) -> Result<Result<RecordChange, Skip>, RepositoryError> {
    let restores = Some(restores);
    let version = match restored {
        Restored::Status(status) => {
            let change = RecordChange::of_status(row, before, status, now);
            return Ok(Ok(RecordChange { restores, ..change }));
        }
        Restored::Values(version) => version,
    };
    let revisions = desk.revisions(before.id)?;
    let Some(revision) = revisions.into_iter().find(|one| one.version == version) else {
        return Ok(Err(Skip::NotKept));
    };
    let key = revision.texts.email.to_lowercase();
    if desk.find_by_email(&key)?.is_some_and(|id| id != before.id) {
        return Ok(Err(Skip::AlreadyRegistered));
    }
    let after = before.with_texts(revision.texts, now);
    Ok(match desk.update_record(&before, &after)? {
        RecordUpdate::Updated => Ok(RecordChange { row, before, after, restores }),
        RecordUpdate::EmailTaken => Err(Skip::AlreadyRegistered),
        RecordUpdate::Stale => Err(Skip::ChangedSince),
    })
}

/// Stores the changes with their notes, items and entries, and returns the number of new items. Restored
/// values are stored.
pub(super) fn apply(
    desk: &mut dyn DeskTransaction,
    operation: &Operation,
    changes: &[RecordChange],
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<usize, RepositoryError> {
    let decided = changes.iter().filter(|change| change.before.status != change.after.status);
    let decided: Vec<_> = decided.map(|change| (change.row, change.after.clone())).collect();
    desk.update_statuses(&decided)?;
    if let OperationKind::Decide(decision) = &operation.kind
        && let Some(note) = decision.note()
    {
        let rows: Vec<_> = changes.iter().map(|change| change.row).collect();
        let author = match operation.actor {
            Actor::Staff(id) => Some(id),
            Actor::Applicant | Actor::Token(_) | Actor::System => None,
        };
        desk.insert_notes(&rows, author, note, now)?;
    }
    let new: Vec<_> = changes.iter().map(|change| (change.row, salt(seed, change.row))).collect();
    let salts = desk.salts(&new)?;
    let entry = |(change, salt)| entry(operation, change, salt, now);
    let entries: Vec<_> = changes.iter().zip(&salts).map(entry).collect();
    desk.append_all(&entries)?;
    follow(desk, changes.iter().map(|change| (change.row, &change.before, &change.after)), now)
}

fn entry(
    operation: &Operation,
    RecordChange { before, after, restores, .. }: &RecordChange,
    salt: &Salt,
    now: DateTime<Utc>,
) -> JournalEntry {
    let new = |action| JournalEntry::new(now, operation.actor, action, Some(*after.id.as_bytes()));
    let entry = if before.status == after.status {
        let fields: Vec<_> = before.differing(&after.texts).map(Field::as_str).collect();
        new(Action::Edited).with("fields", fields.join(","))
    } else {
        let (from, to) = (before.status.as_str(), after.status.as_str());
        new(Action::StatusChanged).with("from", from).with("to", to)
    };
    let entry = JournalEntry {
        hashes: Some((Some(RecordHash::of(salt, before)), Some(RecordHash::of(salt, after)))),
        trace_id: operation.trace_id,
        operation: Some(operation.id),
        ..entry.with("version", after.version.to_string())
    };
    match &operation.kind {
        OperationKind::Decide(decision) => match decision.reason() {
            Some(reason) => entry.with("reason_code", reason.as_str()),
            None => entry,
        },
        OperationKind::CompleteTask(_) => entry,
        OperationKind::Undo(undone) => {
            let entry = entry.with("undoes", undone.to_string());
            let Some((state, reason)) = restores else { return entry };
            let entry = entry.with("restores", state.to_string());
            match reason.as_ref().filter(|_| after.status == Status::Rejected) {
                Some(reason) => entry.with("reason_code", reason),
                None => entry,
            }
        }
    }
}

/// A salt that cannot be guessed without the seed, which is kept nowhere.
fn salt(seed: &[u8; 64], RowId(row): RowId) -> Salt {
    let hash = Sha256::new().chain_update(seed).chain_update(row.to_be_bytes()).finalize();
    let mut salt = Salt::default();
    salt.copy_from_slice(&hash[..16]);
    salt
}
