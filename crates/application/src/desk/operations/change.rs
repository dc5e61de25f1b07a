//! What one transaction does of an operation: the next students change, with their notes and entries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, Changes, DeskTransaction, Field, JournalEntry, Operation, OperationId,
    OperationItem, OperationKind, Outcome, RecordHash, RecordUpdate, RepositoryError, Restored,
    RowId, Salt, Skip, Status, StudentId, StudentRecord, Version, plan_decision,
};
use sha2::{Digest as _, Sha256};

use super::history::histories;

/// What one transaction has done.
pub(super) struct Chunk {
    /// Each change of a status.
    pub(super) transitions: Vec<(Status, Status)>,
    pub(super) by: Actor,
    /// The operation, where this was its last transaction; and whether it restored values.
    pub(super) finished: Option<(Operation, bool)>,
    pub(super) is_last: bool,
}

/// Changes the next students of an operation. Operations that run twice wait for each other here.
pub(super) fn change_next(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<Chunk, RepositoryError> {
    let done = |by| Chunk { transitions: Vec::new(), by, finished: None, is_last: true };
    let Some(operation) = desk.lock_operation(id)? else { return Ok(done(Actor::System)) };
    if operation.finished_at.is_some() {
        return Ok(done(operation.actor));
    }
    let (items, is_last) = desk.next_items(id)?;
    let rows: Vec<_> = items.iter().map(|item| item.row).collect();
    let mut records: HashMap<_, _> = desk.lock_records(&rows)?.into_iter().collect();
    let histories = match operation.kind {
        OperationKind::Undo(_) => {
            let ids: Vec<_> = records.values().map(|record: &StudentRecord| record.id).collect();
            histories(desk, &ids)?
        }
        OperationKind::Decide(_) => HashMap::new(),
    };
    let mut outcomes = Vec::with_capacity(items.len());
    let mut changes = Vec::with_capacity(items.len());
    for item in items {
        let change = match records.remove(&item.row) {
            Some(before) => change_one(desk, &operation, &histories, item, before, now)?,
            None => Err(Skip::ChangedSince),
        };
        match change {
            Ok(change) => {
                outcomes.push((item.row, Outcome::Applied));
                changes.push(change);
            }
            Err(skip) => outcomes.push((item.row, Outcome::Skipped(skip))),
        }
    }
    apply(desk, &operation, &changes, now, seed)?;
    desk.keep_outcomes(id, &outcomes)?;
    if is_last {
        desk.finish_operation(id, now)?;
    }
    let of_values = changes.iter().any(|change| change.before.status == change.after.status);
    let transitions = changes.iter().map(|change| (change.before.status, change.after.status));
    Ok(Chunk {
        transitions: transitions.filter(|(from, to)| from != to).collect(),
        by: operation.actor,
        finished: is_last.then_some((operation, of_values)),
        is_last,
    })
}

/// Plans the change of a student, who is locked. Restored values are stored here.
fn change_one(
    desk: &mut dyn DeskTransaction,
    operation: &Operation,
    histories: &HashMap<StudentId, Changes>,
    OperationItem { row, seen }: OperationItem,
    before: StudentRecord,
    now: DateTime<Utc>,
) -> Result<Result<Change, Skip>, RepositoryError> {
    let undone = match &operation.kind {
        OperationKind::Decide(decision) => {
            let plan = plan_decision(&before, seen, decision.to());
            return Ok(plan.map(|()| Change::of_status(row, before, decision.to(), now)));
        }
        OperationKind::Undo(undone) => *undone,
    };
    let Some(history) = histories.get(&before.id) else { return Ok(Err(Skip::ChangedSince)) };
    match history.plan_undo(undone, before.version) {
        Ok((restored, state)) => {
            let restores = (state, history.reason(state).map(str::to_owned));
            restore(desk, row, before, restored, restores, now)
        }
        Err(skip) => Ok(Err(skip)),
    }
}

/// A change of one student.
struct Change {
    row: RowId,
    before: StudentRecord,
    after: StudentRecord,
    /// The version whose state it restores, and the reason with which that one was rejected.
    restores: Option<(Version, Option<String>)>,
}

impl Change {
    fn of_status(row: RowId, before: StudentRecord, to: Status, now: DateTime<Utc>) -> Self {
        let after = before.with_status(to, now);
        Self { row, before, after, restores: None }
    }
}

/// Undoes a change of a student, who is locked.
fn restore(
    desk: &mut dyn DeskTransaction,
    row: RowId,
    before: StudentRecord,
    restored: Restored,
    restores: (Version, Option<String>),
    now: DateTime<Utc>,
) -> Result<Result<Change, Skip>, RepositoryError> {
    let restores = Some(restores);
    let version = match restored {
        Restored::Status(status) => {
            let change = Change::of_status(row, before, status, now);
            return Ok(Ok(Change { restores, ..change }));
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
        RecordUpdate::Updated => Ok(Change { row, before, after, restores }),
        RecordUpdate::EmailTaken => Err(Skip::AlreadyRegistered),
        RecordUpdate::Stale => Err(Skip::ChangedSince),
    })
}

/// Stores the changes with their notes and entries. Restored values are stored.
fn apply(
    desk: &mut dyn DeskTransaction,
    operation: &Operation,
    changes: &[Change],
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<(), RepositoryError> {
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
    desk.append_all(&entries)
}

fn entry(
    operation: &Operation,
    Change { before, after, restores, .. }: &Change,
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
