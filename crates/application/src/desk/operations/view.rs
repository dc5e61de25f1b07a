//! An operation with its results.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskTransaction, Import, MarkChange, Operation, OperationId, OperationKind,
    Outcome, Permission, ReasonCode, RepositoryError, Restored, RowId, Skip, Status, TaskTitle,
};

use super::{
    super::{DeskError, access::Caller},
    Operations,
    begin::{Skipped, grouped},
    undo,
};

/// Students that are listed of those that were left as they were.
const LISTED: usize = 500;

/// An operation with its results.
#[derive(Clone, Debug)]
pub struct OperationView {
    /// Its id.
    pub id: OperationId,
    /// What it does: `status_changed`, `undone`, and for a change of one student also `created`,
    /// `edited`.
    pub kind: &'static str,
    /// The status that it gives.
    pub to: Option<Status>,
    /// The reason of a rejection.
    pub reason: Option<ReasonCode>,
    /// The title of the item that it completes.
    pub task: Option<TaskTitle>,
    /// The operation that it undoes.
    pub undoes: Option<OperationId>,
    /// Who began it.
    pub by: Actor,
    /// The person's name, where it was a person.
    pub by_name: Option<String>,
    /// When it was begun.
    pub at: DateTime<Utc>,
    /// When it was finished; `None` while it is running.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many students it has changed.
    pub applied: usize,
    /// How many it has not come to.
    pub waiting: usize,
    /// How many it left as they were, by reason.
    pub skips: Vec<(Skip, usize)>,
    /// The first 500 of them.
    pub skipped: Skipped,
    /// Whether it changes what can be undone.
    pub is_undoable: bool,
}

/// Whether this caller may undo now what was done by `by` at `at`.
#[must_use]
pub fn may_undo(caller: &Caller, by: Actor, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let is_allowed = by == caller.actor() || caller.may(Permission::UndoOthers);
    caller.may(Permission::StudentsDecide) && is_allowed && !Operation::is_too_old(at, now)
}

impl OperationView {
    /// Whether this caller can undo it now.
    #[must_use]
    pub fn can_be_undone(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        let has_effect = self.applied > 0 || self.waiting > 0;
        self.is_undoable && has_effect && may_undo(caller, self.by, self.at, now)
    }
}

impl Operations {
    /// The operation with this id.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn find(&self, id: OperationId) -> Result<Option<OperationView>, DeskError> {
        self.office.read(move |desk| find(desk, id)).await
    }
}

fn find(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
) -> Result<Option<OperationView>, RepositoryError> {
    let Some(mut view) = (match desk.find_operation(id)? {
        Some(operation) => Some(stored(desk, operation)?),
        None => match desk.find_import(id)?.filter(Import::has_begun) {
            Some(import) => Some(of_import(&import)),
            None => of_one(desk, id)?,
        },
    }) else {
        return Ok(None);
    };
    if let Actor::Staff(staff) = view.by {
        view.by_name = desk.find_staff(staff)?.map(|person| person.display_name().to_owned());
    }
    Ok(Some(view))
}

fn stored(
    desk: &mut dyn DeskTransaction,
    operation: Operation,
) -> Result<OperationView, RepositoryError> {
    let Operation { id, actor, kind, at, finished_at, .. } = operation;
    let name = kind.as_str();
    let (mut decision, mut undoes, mut task) = (None, None, None);
    match kind {
        OperationKind::Decide(one) => decision = Some(one),
        OperationKind::CompleteTask(template) => {
            let templates = desk.templates()?;
            task = templates.into_iter().find(|one| one.id == template).map(|one| one.title);
        }
        OperationKind::Undo(undone) => undoes = Some(undone),
    }
    let counts = desk.count_outcomes(id)?;
    let of = |outcome| counts.iter().find(|(one, _)| *one == outcome).map_or(0, |(_, n)| *n);
    let count = |skip| (skip, of(Some(Outcome::Skipped(skip))));
    let is_undo = undoes.is_some();
    let erased = if is_undo { desk.count_entries(id, Action::Erased)? } else { 0 };
    Ok(OperationView {
        id,
        kind: name,
        to: decision.as_ref().map(registration_domain::Decision::to),
        reason: decision.and_then(|decision| decision.reason()),
        task,
        undoes,
        by: actor,
        by_name: None,
        at,
        finished_at,
        // The rows of erased students are erased with them.
        applied: of(Some(Outcome::Applied)) + erased,
        waiting: of(None),
        skips: Skip::ALL.into_iter().map(count).filter(|(_, count)| *count > 0).collect(),
        skipped: skipped(desk, id)?,
        is_undoable: true,
    })
}

fn skipped(desk: &mut dyn DeskTransaction, id: OperationId) -> Result<Skipped, RepositoryError> {
    let items = desk.skipped_items(id, LISTED)?;
    let rows: Vec<RowId> = items.iter().map(|(row, _)| *row).collect();
    let mut records: HashMap<_, _> = desk.records_in(&rows)?.into_iter().collect();
    let with_record = |(row, skip)| Some((skip, records.remove(&row)?));
    Ok(grouped(items.into_iter().filter_map(with_record)))
}

/// What an import has stored.
fn of_import(import: &Import) -> OperationView {
    OperationView {
        id: import.id,
        kind: "imported",
        to: None,
        reason: None,
        task: None,
        undoes: None,
        by: import.actor,
        by_name: None,
        at: import.finished_at.unwrap_or(import.at),
        finished_at: import.finished_at,
        applied: import.created + import.updated,
        waiting: 0,
        skips: Vec::new(),
        skipped: Vec::new(),
        is_undoable: true,
    }
}

/// A change of one student, which the journal alone has.
fn of_one(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
) -> Result<Option<OperationView>, RepositoryError> {
    let Some(row) = undo::entries(desk, id, 1)?.pop() else { return Ok(None) };
    let entry = row.entry;
    let detail = |name: &str| entry.detail.get(name);
    Ok(Some(OperationView {
        id,
        kind: entry.action.as_str(),
        to: detail("to").and_then(|to| to.parse().ok()),
        reason: detail("reason_code").and_then(|reason| reason.parse().ok()),
        task: None,
        undoes: None,
        by: entry.actor,
        by_name: None,
        at: entry.at,
        finished_at: Some(entry.at),
        applied: 1,
        waiting: 0,
        skips: Vec::new(),
        skipped: Vec::new(),
        is_undoable: Restored::of(&entry).is_some() || MarkChange::of(&entry).is_some(),
    }))
}
