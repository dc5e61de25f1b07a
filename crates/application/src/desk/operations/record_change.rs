//! Changes of students' records: decisions, and what undoing restores.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, Field, JournalEntry, Operation, OperationId, OperationKind,
    RecordHash, RecordUpdate, RepositoryError, Restored, RowId, Salt, Skip, Status, StudentRecord,
    TraceId, Version,
};
use sha2::{Digest as _, Sha256};

use super::super::checklist::follow;

/// A change of the record of one student.
pub(in super::super) struct RecordChange {
    pub(in super::super) row: RowId,
    pub(in super::super) before: StudentRecord,
    pub(in super::super) after: StudentRecord,
    /// The version whose state it restores, and the reason with which that one was rejected.
    restores: Option<(Version, Option<String>)>,
}

/// What an entry of the journal says of the cause of a change.
#[derive(Clone, Copy)]
pub(in super::super) struct Cause<'a> {
    pub(in super::super) operation: OperationId,
    pub(in super::super) actor: Actor,
    pub(in super::super) trace_id: Option<TraceId>,
    /// `None` for an import.
    pub(in super::super) kind: Option<&'a OperationKind>,
}

impl<'a> From<&'a Operation> for Cause<'a> {
    fn from(operation: &'a Operation) -> Self {
        let Operation { id, actor, trace_id, ref kind, .. } = *operation;
        Self { operation: id, actor, trace_id, kind: Some(kind) }
    }
}

impl RecordChange {
    /// Of values that are stored.
    pub(in super::super) fn of_values(
        row: RowId,
        before: StudentRecord,
        after: StudentRecord,
    ) -> Self {
        Self { row, before, after, restores: None }
    }

    pub(in super::super) fn of_status(
        row: RowId,
        before: StudentRecord,
        to: Status,
        now: DateTime<Utc>,
    ) -> Self {
        let after = before.with_status(to, now);
        Self { row, before, after, restores: None }
    }
}

/// Undoes changes of a student, who is locked. Restored values are stored here.
pub(super) fn restore(
    desk: &mut dyn DeskTransaction,
    row: RowId,
    mut before: StudentRecord,
    restored: &[Restored],
    restores: (Version, Option<String>),
    now: DateTime<Utc>,
) -> Result<Result<Vec<RecordChange>, Skip>, RepositoryError> {
    let mut changes = Vec::with_capacity(restored.len());
    for one in restored {
        let change = match *one {
            Restored::Status(status) => RecordChange::of_status(row, before, status, now),
            Restored::Values(version) => match restore_values(desk, row, before, version, now)? {
                Ok(change) => change,
                Err(skip) => return Ok(Err(skip)),
            },
            Restored::Absent => return Ok(Err(Skip::ChangedSince)),
        };
        before = change.after.clone();
        changes.push(change);
    }
    if let Some(last) = changes.last_mut() {
        last.restores = Some(restores);
    }
    Ok(Ok(changes))
}

fn restore_values(
    desk: &mut dyn DeskTransaction,
    row: RowId,
    before: StudentRecord,
    version: Version,
    now: DateTime<Utc>,
) -> Result<Result<RecordChange, Skip>, RepositoryError> {
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
        RecordUpdate::Updated => Ok(RecordChange { row, before, after, restores: None }),
        RecordUpdate::EmailTaken => Err(Skip::AlreadyRegistered),
        RecordUpdate::Stale => Err(Skip::ChangedSince),
    })
}

/// Stores the changes with their notes, items and entries, and returns the number of new items. Restored
/// values are stored.
pub(in super::super) fn apply(
    desk: &mut dyn DeskTransaction,
    cause: Cause<'_>,
    changes: &[RecordChange],
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<usize, RepositoryError> {
    let decided = changes.iter().filter(|change| change.before.status != change.after.status);
    let decided: Vec<_> = decided.map(|change| (change.row, change.after.clone())).collect();
    desk.update_statuses(&decided)?;
    if let Some(OperationKind::Decide(decision)) = cause.kind
        && let Some(note) = decision.note()
    {
        let rows: Vec<_> = changes.iter().map(|change| change.row).collect();
        let author = match cause.actor {
            Actor::Staff(id) => Some(id),
            Actor::Applicant | Actor::Token(_) | Actor::System => None,
        };
        desk.insert_notes(&rows, author, note, now)?;
    }
    // A student may have two changes, of values and of the status.
    let mut rows: Vec<_> = changes.iter().map(|change| change.row).collect();
    rows.dedup();
    let salts = salts(desk, &rows, seed)?;
    let entry =
        |change: &RecordChange| salts.get(&change.row).map(|salt| entry(cause, change, salt, now));
    let entries: Vec<_> = changes.iter().filter_map(entry).collect();
    desk.append_all(&entries)?;
    follow(desk, changes.iter().map(|change| (change.row, &change.before, &change.after)), now)
}

/// New salts for these students.
pub(in super::super) fn new_salts(rows: &[RowId], seed: &[u8; 64]) -> Vec<(RowId, Salt)> {
    rows.iter().map(|row| (*row, salt(seed, *row))).collect()
}

/// The salts of these students.
pub(in super::super) fn salts(
    desk: &mut dyn DeskTransaction,
    rows: &[RowId],
    seed: &[u8; 64],
) -> Result<HashMap<RowId, Salt>, RepositoryError> {
    let salts = desk.salts(&new_salts(rows, seed))?;
    Ok(rows.iter().copied().zip(salts).collect())
}

fn entry(
    cause: Cause<'_>,
    RecordChange { before, after, restores, .. }: &RecordChange,
    salt: &Salt,
    now: DateTime<Utc>,
) -> JournalEntry {
    let new = |action| JournalEntry::new(now, cause.actor, action, Some(*after.id.as_bytes()));
    let entry = if before.status == after.status {
        let fields: Vec<_> = before.differing(&after.texts).map(Field::as_str).collect();
        new(Action::Edited).with("fields", fields.join(","))
    } else {
        let (from, to) = (before.status.as_str(), after.status.as_str());
        new(Action::StatusChanged).with("from", from).with("to", to)
    };
    let entry = JournalEntry {
        hashes: Some((Some(RecordHash::of(salt, before)), Some(RecordHash::of(salt, after)))),
        trace_id: cause.trace_id,
        operation: Some(cause.operation),
        ..entry.with("version", after.version.to_string())
    };
    match cause.kind {
        Some(OperationKind::Decide(decision)) => match decision.reason() {
            Some(reason) => entry.with("reason_code", reason.as_str()),
            None => entry,
        },
        Some(OperationKind::CompleteTask(_)) | None => entry,
        Some(OperationKind::Undo(undone)) => {
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
