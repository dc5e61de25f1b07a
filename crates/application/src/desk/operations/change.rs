//! What one transaction does of an operation: the next students change, with their notes and entries.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    Actor, Changes, DeskTransaction, Operation, OperationId, OperationItem, OperationKind, Outcome,
    RepositoryError, Restored, RowId, Skip, Status, StudentId, StudentRecord, plan_decision,
};

use super::{
    history::{CHECKLIST, IMPORT, histories, metric_kind},
    mark_change::{self, Items, MarkedTask},
    record_change::{self, RecordChange},
    removal,
};

/// What one transaction has done.
pub(super) struct Chunk {
    /// Each change of a status.
    pub(super) transitions: Vec<(Status, Status)>,
    /// How many items came with a place, and how long each took that was completed for the first time.
    pub(super) new_tasks: usize,
    pub(super) completed_tasks: Vec<Duration>,
    pub(super) by: Actor,
    /// The operation with its kind in metrics, where this was its last transaction.
    pub(super) finished: Option<(Operation, &'static str)>,
    pub(super) is_last: bool,
}

/// Changes the next students of an operation. Operations that run twice wait for each other here.
pub(super) fn change_next(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    now: DateTime<Utc>,
    seed: &[u8; 64],
) -> Result<Chunk, RepositoryError> {
    let operation = desk.lock_operation(id)?;
    let Some(operation) = operation.filter(|operation| operation.finished_at.is_none()) else {
        return Ok(Chunk::nothing());
    };
    let (items, is_last) = desk.next_items(id)?;
    let rows: Vec<_> = items.iter().map(|item| item.row).collect();
    let mut records: HashMap<_, _> = desk.lock_records(&rows)?.into_iter().collect();
    let histories = match operation.kind {
        OperationKind::Undo(_) => {
            let ids: Vec<_> = records.values().map(|record: &StudentRecord| record.id).collect();
            histories(desk, &ids)?
        }
        OperationKind::Decide(_) | OperationKind::CompleteTask(_) => HashMap::new(),
    };
    let plan = Plan {
        tasks: Items::lock(desk, &operation, records.values(), &histories)?,
        with_open_tasks: with_open_tasks(desk, &operation.kind, &rows)?,
        worked_on: removal::worked_on(desk, &operation.kind, &rows)?,
        operation,
        histories,
        now,
    };
    let mut outcomes = Vec::with_capacity(items.len());
    let (mut changed, mut removed, mut marked) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        let change = match records.remove(&item.row) {
            Some(before) => plan.change(desk, item, before)?,
            None => Err(Skip::ChangedSince),
        };
        let outcome = match change {
            Ok(Change::Record(changes)) => {
                changed.extend(changes);
                Outcome::Applied
            }
            Ok(Change::Removal(record)) => {
                removed.push(*record);
                Outcome::Applied
            }
            Ok(Change::Mark(change)) => {
                marked.push(*change);
                Outcome::Applied
            }
            Err(skip) => Outcome::Skipped(skip),
        };
        outcomes.push((item.row, outcome));
    }
    let operation = plan.operation;
    let new_tasks = record_change::apply(desk, (&operation).into(), &changed, now, seed)?;
    removal::apply(desk, &operation, &removed, now)?;
    let completed_tasks = mark_change::apply(desk, &operation, &marked, now)?;
    desk.keep_outcomes(id, &outcomes)?;
    if is_last {
        desk.finish_operation(id, now)?;
    }
    let of_values = changed.iter().any(|change| change.before.status == change.after.status);
    let is_of_tasks =
        !marked.is_empty() || matches!(operation.kind, OperationKind::CompleteTask(_));
    let is_of_import = match operation.kind {
        OperationKind::Undo(undone) if is_last => desk.find_import(undone)?.is_some(),
        _ => false,
    };
    let kind = match is_of_import {
        true => IMPORT,
        false if is_of_tasks => CHECKLIST,
        false => metric_kind(of_values),
    };
    let transitions = changed.iter().map(|change| (change.before.status, change.after.status));
    Ok(Chunk {
        transitions: transitions.filter(|(from, to)| from != to).collect(),
        new_tasks,
        completed_tasks,
        by: operation.actor,
        finished: is_last.then_some((operation, kind)),
        is_last,
    })
}

impl Chunk {
    /// Of an operation that is finished.
    fn nothing() -> Self {
        Self {
            transitions: Vec::new(),
            new_tasks: 0,
            completed_tasks: Vec::new(),
            by: Actor::System,
            finished: None,
            is_last: true,
        }
    }
}

/// Those of these students who cannot be enrolled, where the operation does that.
pub(super) fn with_open_tasks(
    desk: &mut dyn DeskTransaction,
    kind: &OperationKind,
    rows: &[RowId],
) -> Result<HashSet<RowId>, RepositoryError> {
    match kind {
        OperationKind::Decide(decision) if decision.to() == Status::Enrolled => {
            desk.with_open_tasks(rows)
        }
        _ => Ok(HashSet::new()),
    }
}

/// What the changes of a transaction are planned with.
struct Plan {
    operation: Operation,
    histories: HashMap<StudentId, Changes>,
    tasks: Items,
    with_open_tasks: HashSet<RowId>,
    /// Those who are not removed.
    worked_on: HashSet<RowId>,
    now: DateTime<Utc>,
}

/// A change of one student.
enum Change {
    Record(Vec<RecordChange>),
    Removal(Box<StudentRecord>),
    Mark(Box<MarkedTask>),
}

impl Plan {
    /// Plans the change of a student, who is locked. Restored values are stored here.
    fn change(
        &self,
        desk: &mut dyn DeskTransaction,
        OperationItem { row, seen }: OperationItem,
        before: StudentRecord,
    ) -> Result<Result<Change, Skip>, RepositoryError> {
        let (now, operation) = (self.now, &self.operation);
        let undone = match &operation.kind {
            OperationKind::Decide(decision) => {
                let (to, has_open_tasks) = (decision.to(), self.with_open_tasks.contains(&row));
                let plan = plan_decision(&before, seen, to, has_open_tasks);
                let change = plan.map(|()| RecordChange::of_status(row, before, to, now));
                return Ok(change.map(|change| Change::Record(vec![change])));
            }
            OperationKind::CompleteTask(_) => {
                let change = self.tasks.complete(before.id, operation, now);
                return Ok(change.map(|change| Change::Mark(Box::new(change))));
            }
            OperationKind::Undo(undone) => *undone,
        };
        let Some(history) = self.histories.get(&before.id) else {
            return Ok(Err(Skip::ChangedSince));
        };
        if let Some(change) = self.tasks.restore(before.id, undone, history) {
            return Ok(change.map(|change| Change::Mark(Box::new(change))));
        }
        let (restored, state) = match history.plan_undo(undone, before.version) {
            Ok(plan) => plan,
            Err(skip) => return Ok(Err(skip)),
        };
        if restored == [Restored::Absent] {
            if self.worked_on.contains(&row) {
                return Ok(Err(Skip::ChangedSince));
            }
            return Ok(Ok(Change::Removal(Box::new(before))));
        }
        let restores = (state, history.reason(state).map(str::to_owned));
        let changes = record_change::restore(desk, row, before, &restored, restores, now)?;
        Ok(changes.map(Change::Record))
    }
}
