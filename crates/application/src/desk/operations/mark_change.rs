//! Changes of items: completing those of a template, and undoing it.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Changes, DeskTransaction, JournalEntry, Operation, OperationId, OperationKind,
    RepositoryError, Skip, StudentId, StudentRecord, Task, TaskId, TaskState, plan_completion,
};

/// The items that an operation is about, each locked, by student.
#[derive(Default)]
pub(super) struct Items(HashMap<StudentId, Task>);

/// A change of an item.
pub(super) struct MarkedTask {
    before: Task,
    after: Task,
}

impl Items {
    /// The items that the operation completes or undoes.
    pub(super) fn lock<'a>(
        desk: &mut dyn DeskTransaction,
        operation: &Operation,
        records: impl IntoIterator<Item = &'a StudentRecord>,
        histories: &HashMap<StudentId, Changes>,
    ) -> Result<Self, RepositoryError> {
        let item = |record: &StudentRecord| match &operation.kind {
            OperationKind::Decide(_) => None,
            OperationKind::CompleteTask(template) => Some(TaskId::of(record.id, *template)),
            OperationKind::Undo(undone) => {
                histories.get(&record.id)?.mark_by(*undone).map(|change| change.task)
            }
        };
        let ids: Vec<_> = records.into_iter().filter_map(item).collect();
        let tasks = if ids.is_empty() { Vec::new() } else { desk.lock_tasks(&ids)? };
        Ok(Self(tasks.into_iter().map(|task| (task.student, task)).collect()))
    }

    /// Plans to complete a student's item.
    pub(super) fn complete(
        &self,
        student: StudentId,
        operation: &Operation,
        now: DateTime<Utc>,
    ) -> Result<MarkedTask, Skip> {
        let before = plan_completion(self.0.get(&student))?;
        let after = before.marked(TaskState::Done, operation.actor, now).ok_or(Skip::Unchanged)?;
        Ok(MarkedTask { before: before.clone(), after })
    }

    /// Plans to undo what an operation marked; `None` where it marked nothing of this student.
    pub(super) fn restore(
        &self,
        student: StudentId,
        undone: OperationId,
        history: &Changes,
    ) -> Option<Result<MarkedTask, Skip>> {
        let change = history.mark_by(undone)?;
        let unchanged = self.0.get(&student).filter(|task| change.is_last_of(task));
        let restored = unchanged.map(|before| MarkedTask {
            before: before.clone(),
            after: before.with_mark(change.before),
        });
        Some(restored.ok_or(Skip::ChangedSince))
    }
}

/// Stores the changes with their entries, and returns how long each item took that was completed for the
/// first time.
pub(super) fn apply(
    desk: &mut dyn DeskTransaction,
    operation: &Operation,
    changes: &[MarkedTask],
    now: DateTime<Utc>,
) -> Result<Vec<Duration>, RepositoryError> {
    let after: Vec<_> = changes.iter().map(|change| change.after.clone()).collect();
    desk.update_marks(&after)?;
    let entry = |MarkedTask { before, after }: &MarkedTask| {
        let subject = Some(*after.student.as_bytes());
        let entry = JournalEntry::new(now, operation.actor, Action::TaskMarked, subject);
        let entry = after.entry_of(Action::TaskMarked, Some(before), entry);
        let entry = match &operation.kind {
            OperationKind::Undo(undone) => entry.with("undoes", undone.to_string()),
            OperationKind::Decide(_) | OperationKind::CompleteTask(_) => entry,
        };
        JournalEntry { trace_id: operation.trace_id, operation: Some(operation.id), ..entry }
    };
    desk.append_all(&changes.iter().map(entry).collect::<Vec<_>>())?;
    // What is redone was counted before.
    let is_counted = matches!(operation.kind, OperationKind::CompleteTask(_));
    let counted = changes.iter().filter(|_| is_counted);
    Ok(counted.filter_map(|change| change.after.completed_after(&change.before)).collect())
}
