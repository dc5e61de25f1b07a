//! Changes the students of an operation, chunk by chunk.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, Deed, DeskTransaction, Field, JournalEntry, Operation, OperationId, Outcome,
    RecordHash, RecordUpdate, RepositoryError, Restored, RowId, Salt, Skip, Status, StudentRecord,
    Version, plan_decision, write,
};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{
    super::{
        DeskError, RequestContext,
        jobs::{Arrivals, Observation, Outage, flat, pause_after},
    },
    Operations,
    history::{histories, kind},
};
use crate::threads::Threads;

/// How often operations are looked for that another instance has begun, or one that was killed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Longest rest between two chunks, by the time that one takes.
const MAX_REST: u32 = 9;

/// Random bytes, from which salts are made; `None` where the operating system has none.
pub type Random = fn() -> Option<[u8; 64]>;

/// What one transaction has done.
struct Chunk {
    /// Each change of a status.
    transitions: Vec<(Status, Status)>,
    by: Actor,
    /// The operation, where this was its last transaction; and whether it restored values.
    finished: Option<(Operation, bool)>,
    is_last: bool,
}

impl Operations {
    /// Changes every student of an operation that has few.
    pub(super) async fn run(
        &self,
        id: OperationId,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        let (this, begun) = (self.clone(), Instant::now());
        let run = move || this.run_to_the_end(id, || context.now + begun.elapsed(), context.random);
        Ok(self.office.threads.run(run).await??)
    }

    #[tracing::instrument(name = "run_operation", skip_all, fields(operation.id = %id))]
    fn run_to_the_end(
        &self,
        id: OperationId,
        now: impl Fn() -> DateTime<Utc>,
        seed: [u8; 64],
    ) -> Result<(), RepositoryError> {
        // Its students were registered before it began.
        self.keeper.cover_all(now())?;
        while !self.run_chunk(id, now(), seed)? {}
        Ok(())
    }

    /// Changes the next students, as a job; whether they were the last.
    #[tracing::instrument(name = "run_operation", skip_all, fields(operation.id = %id))]
    fn run_next(
        &self,
        id: OperationId,
        is_first: bool,
        now: DateTime<Utc>,
        random: Random,
    ) -> Step {
        let seed =
            random().ok_or_else(|| RepositoryError::unexpected("there are no random bytes"))?;
        if is_first {
            self.keeper.cover_all(now)?;
        }
        self.run_chunk(id, now, seed)
    }

    /// Changes the next students; whether they were the last.
    #[tracing::instrument(name = "operation_chunk", skip_all)]
    fn run_chunk(
        &self,
        id: OperationId,
        now: DateTime<Utc>,
        seed: [u8; 64],
    ) -> Result<bool, RepositoryError> {
        let chunk = write(&*self.office.store, |desk| {
            change_next(desk, id, now, &seed).map(Ok::<_, std::convert::Infallible>)
        });
        let Ok(chunk) = chunk?;
        let mut counts: HashMap<_, usize> = HashMap::new();
        for change in chunk.transitions {
            *counts.entry(change).or_default() += 1;
        }
        for ((from, to), count) in counts {
            (self.observe)(Observation::Transitions { from, to, by: chunk.by, count });
        }
        if let Some((operation, of_values)) = &chunk.finished {
            let took = (now - operation.at).to_std().unwrap_or_default();
            let is_undo = matches!(operation.deed, Deed::Undo(_));
            let kind = kind(*of_values);
            let outcome = if is_undo { "undone" } else { "applied" };
            (self.observe)(Observation::Operation { kind, outcome, took });
        }
        Ok(chunk.is_last)
    }
}

/// Whether an operation has come to its last student.
type Step = Result<bool, RepositoryError>;

/// Runs operations with many students, and those that a killed process left, for as long as it is polled.
pub async fn run_operations(
    operations: Operations,
    threads: Arc<Threads>,
    arrivals: Arrivals,
    now: fn() -> DateTime<Utc>,
    random: Random,
) {
    let mut outage = Outage::new("Operations not run");
    let mut due = interval(LOOK_INTERVAL);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = operations.begun.notified() => {}
        }
        let store = Arc::clone(&operations.office.store);
        let look = move || registration_domain::read(&*store, |desk| desk.unfinished_operations());
        let unfinished = flat(threads.run(look).await);
        let mut result = unfinished.as_ref().map(|_| ()).map_err(Clone::clone);
        for id in unfinished.unwrap_or_default() {
            // One that fails does not hold up the others.
            result = result.and(run_job(&operations, &threads, &arrivals, id, now, random).await);
        }
        outage.note(result);
    }
}

/// Runs one operation chunk by chunk. Registrations have priority: where many arrive, it rests for up to
/// [`MAX_REST`] times as long as a chunk took.
async fn run_job(
    operations: &Operations,
    threads: &Threads,
    arrivals: &Arrivals,
    id: OperationId,
    now: fn() -> DateTime<Utc>,
    random: Random,
) -> Result<(), String> {
    for chunk in 0_u32.. {
        let (this, begun) = (operations.clone(), Instant::now());
        let next = move || this.run_next(id, chunk == 0, now(), random);
        if flat(threads.run(next).await)? {
            break;
        }
        let took = begun.elapsed();
        sleep(pause_after(took, arrivals).min(MAX_REST * took)).await;
    }
    Ok(())
}

/// Changes the next students of an operation. Operations that run twice wait for each other here.
fn change_next(
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
    let items = desk.next_items(id)?;
    let rows: Vec<_> = items.iter().map(|item| item.row).collect();
    let mut records: HashMap<_, _> = desk.lock_records(&rows)?.into_iter().collect();
    let histories = match operation.deed {
        Deed::Undo(_) => {
            let ids: Vec<_> = records.values().map(|record: &StudentRecord| record.id).collect();
            histories(desk, &ids)?
        }
        Deed::Decide(_) => HashMap::new(),
    };
    let mut outcomes = Vec::with_capacity(items.len());
    let mut changes = Vec::with_capacity(items.len());
    for item in items {
        let change = match records.remove(&item.row) {
            Some(before) => match &operation.deed {
                Deed::Decide(decision) => {
                    let plan = plan_decision(&before, item.seen, decision.to());
                    plan.map(|()| Change::of_status(item.row, before, decision.to(), now))
                }
                Deed::Undo(undone) => {
                    let history = histories.get(&before.id).cloned().unwrap_or_default();
                    match history.plan_undo(*undone, before.version) {
                        Ok((restored, state)) => {
                            let reason = history.reason(state).map(str::to_owned);
                            let restores = (state, reason);
                            restore(desk, item.row, before, restored, restores, now)?
                        }
                        Err(skip) => Err(skip),
                    }
                }
            },
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
    let is_last = desk.next_items(id)?.is_empty();
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
    if let Deed::Decide(decision) = &operation.deed
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
    match &operation.deed {
        Deed::Decide(decision) => match decision.reason() {
            Some(reason) => entry.with("reason_code", reason.as_str()),
            None => entry,
        },
        Deed::Undo(undone) => {
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

/// A salt that nobody can guess who does not know the seed, which is kept nowhere.
fn salt(seed: &[u8; 64], RowId(row): RowId) -> Salt {
    let hash = Sha256::new().chain_update(seed).chain_update(row.to_be_bytes()).finalize();
    let mut salt = Salt::default();
    salt.copy_from_slice(&hash[..16]);
    salt
}
