//! Undoing an operation.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use registration_domain::{
    Actor, ApiRequest, DeskTransaction, Import, ImportState, JournalEntry, JournalQuery,
    JournalRow, MarkChange, Operation, OperationId, OperationItem, OperationKind, Permission,
    RepositoryError, Restored, StudentId, StudentRecord,
};

use super::{
    super::{
        DeskError, RequestContext, access::Caller, imports, jobs::Observation, once::KeyReused,
    },
    Begun, Operations,
    history::{CHECKLIST, IMPORT, histories, metric_kind},
};

/// Entries of an operation that are read at once.
const PAGE: usize = 5_000;

/// Why an operation was not undone. Nothing was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such operation, or none that can be undone.
    #[error("there is no such operation")]
    NotFound,
    /// It is a colleague's.
    #[error("the operation is a colleague's")]
    NotOwn,
    /// It is too old.
    #[error("the operation is too old")]
    Expired(DateTime<Utc>),
    /// Each of its students has changed since: these.
    #[error("its students have changed since")]
    ChangedSince(Vec<StudentRecord>),
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}

/// The students that an operation changed.
#[derive(Default)]
struct ChangedStudents {
    items: Vec<OperationItem>,
    /// Those who have changed since.
    since: Vec<StudentRecord>,
}

impl Operations {
    /// Restores what an operation changed, of each student that has not changed since. An operation that
    /// is running is stopped. Undoing is an operation itself.
    ///
    /// # Errors
    ///
    /// It cannot be undone by this caller, or not any more.
    pub async fn undo(
        &self,
        id: OperationId,
        caller: &Caller,
        context: RequestContext,
        request: Option<ApiRequest>,
    ) -> Result<Result<Begun, UndoError>, DeskError> {
        let now = context.now;
        let Some(known) = self.office.read(move |desk| begun(desk, id)).await? else {
            return Ok(Err(UndoError::NotFound));
        };
        let Known { by, at, kind, is_running } = known;
        let refused = |error| {
            (self.observe)(Observation::Refused(kind));
            Ok(Err(error))
        };
        if by != caller.actor() && !caller.may(Permission::UndoOthers) {
            return refused(UndoError::NotOwn);
        }
        if Operation::is_too_old(at, now) {
            return refused(UndoError::Expired(at + Operation::UNDO_WINDOW));
        }
        let is_stopped = is_running && self.stop(id, now).await?;
        let changed = self.office.read(move |desk| changed_students(desk, id)).await?;
        let refusal = if is_stopped || changed.items.len() > changed.since.len() {
            None
        } else if changed.items.is_empty() {
            Some(UndoError::NotFound)
        } else {
            Some(UndoError::ChangedSince(changed.since))
        };
        let begun =
            self.begin(OperationKind::Undo(id), changed.items, caller, context, request, refusal);
        begun.await?.map_or_else(refused, |begun| Ok(Ok(begun)))
    }

    /// Stops an operation; `false` where it has come to its end.
    async fn stop(&self, id: OperationId, now: DateTime<Utc>) -> Result<bool, DeskError> {
        let stop = move |desk: &mut dyn DeskTransaction| {
            if let Some(import) = desk.lock_import(id)? {
                let is_running = import.state == ImportState::Running;
                if is_running {
                    imports::end(desk, import, ImportState::Cancelled, now)?;
                }
                return Ok(Ok(is_running));
            }
            let operation = desk.lock_operation(id)?;
            let is_running = operation.is_some_and(|one| one.finished_at.is_none());
            if is_running {
                desk.finish_operation(id, now)?;
            }
            Ok(Ok::<_, std::convert::Infallible>(is_running))
        };
        let Ok(is_stopped) = self.office.write(stop).await?;
        Ok(is_stopped)
    }
}

/// What is known of an operation.
struct Known {
    by: Actor,
    at: DateTime<Utc>,
    kind: &'static str,
    is_running: bool,
}

/// The operation with this id; `None` where it changed nothing that can be undone.
fn begun(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
) -> Result<Option<Known>, RepositoryError> {
    if let Some(Import { actor: by, at, finished_at, state, .. }) = desk.find_import(id)? {
        let is_running = state == ImportState::Running;
        let at = finished_at.unwrap_or(at);
        return Ok(Some(Known { by, at, kind: IMPORT, is_running }));
    }
    let first = entries(desk, id, 1)?.pop().map(|row| row.entry);
    let restored = first.as_ref().and_then(Restored::of).map(|(restored, _)| restored);
    let is_of_tasks = first.as_ref().and_then(MarkChange::of).is_some();
    let kind = match restored {
        _ if is_of_tasks => CHECKLIST,
        restored => metric_kind(matches!(restored, Some(Restored::Values(_)))),
    };
    Ok(match (desk.find_operation(id)?, first) {
        (Some(Operation { actor: by, at, finished_at, .. }), _) => {
            Some(Known { by, at, kind, is_running: finished_at.is_none() })
        }
        (None, Some(JournalEntry { actor: by, at, .. })) if restored.is_some() || is_of_tasks => {
            Some(Known { by, at, kind, is_running: false })
        }
        (None, _) => None,
    })
}

/// The entries of an operation.
pub(super) fn entries(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    limit: usize,
) -> Result<Vec<JournalRow>, RepositoryError> {
    desk.entries(&JournalQuery { operation: Some(id), limit, ..JournalQuery::default() })
}

/// The students that an operation changed, without erased ones.
fn changed_students(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
) -> Result<ChangedStudents, RepositoryError> {
    let mut changed = ChangedStudents::default();
    let mut query = JournalQuery { operation: Some(id), limit: PAGE, ..JournalQuery::default() };
    // An import has up to two entries about a student.
    let mut seen = HashSet::new();
    loop {
        let rows = desk.entries(&query)?;
        let subject = |row: &JournalRow| row.entry.subject.map(StudentId::from_bytes);
        let ids = rows.iter().filter_map(subject).filter(|id| seen.insert(*id));
        let ids: Vec<_> = ids.collect();
        changed.add(desk, id, &ids)?;
        match rows.last() {
            Some(row) if rows.len() == PAGE => query.before = Some(row.id),
            _ => return Ok(changed),
        }
    }
}

impl ChangedStudents {
    /// Adds those of these students who have not been erased.
    fn add(
        &mut self,
        desk: &mut dyn DeskTransaction,
        id: OperationId,
        ids: &[StudentId],
    ) -> Result<(), RepositoryError> {
        let histories = histories(desk, ids)?;
        let marked: Vec<_> = histories
            .values()
            .filter_map(|changes| changes.mark_by(id))
            .map(|mark| mark.task)
            .collect();
        let tasks: HashMap<_, _> =
            desk.find_tasks(&marked)?.into_iter().map(|task| (task.id, task)).collect();
        for (row, record) in desk.find_records(ids)? {
            let Some(changes) = histories.get(&record.id) else { continue };
            let (seen, has_changed) = match (changes.by(id), changes.mark_by(id)) {
                (Some(made), _) => (made.last, changes.plan_undo(id, record.version).is_err()),
                (None, Some(mark)) => {
                    let is_last = tasks.get(&mark.task).is_some_and(|task| mark.is_last_of(task));
                    (record.version, !is_last)
                }
                (None, None) => continue,
            };
            self.items.push(OperationItem { row, seen });
            if has_changed {
                self.since.push(record);
            }
        }
        Ok(())
    }
}
