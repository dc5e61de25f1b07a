//! The rows of operations and of their students.

use chrono::NaiveDateTime;
use diesel::{Insertable, QueryResult, Queryable, Selectable};
use registration_domain::{
    Decision, Note, Operation, OperationId, OperationItem, OperationKind, Outcome, ReasonCode,
    RowId, Skip, TemplateId, TraceId,
};

use crate::{
    decode::{self, bytes, optional_bytes, time, unreadable},
    journal::{actor, actor_number},
    schema::{operation_items, operations},
    students::codes,
};

/// An operation.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = operations)]
pub(super) struct OperationRow {
    id: Vec<u8>,
    actor_kind: i16,
    actor: Option<Vec<u8>>,
    status: Option<i16>,
    reason_code: Option<String>,
    note: Option<String>,
    undoes: Option<Vec<u8>>,
    at: NaiveDateTime,
    trace_id: Option<Vec<u8>>,
    finished_at: Option<NaiveDateTime>,
    template: Option<Vec<u8>>,
}

impl OperationRow {
    pub(super) fn new(operation: &Operation) -> Self {
        let (mut decision, mut undoes, mut template) = (None, None, None);
        match &operation.kind {
            OperationKind::Decide(one) => decision = Some(one),
            OperationKind::CompleteTask(id) => template = Some(id.as_bytes().to_vec()),
            OperationKind::Undo(undone) => undoes = Some(undone.as_bytes().to_vec()),
        }
        let reason = decision.and_then(Decision::reason);
        let note = decision.and_then(Decision::note);
        Self {
            id: operation.id.as_bytes().to_vec(),
            actor_kind: actor_number(&operation.actor),
            actor: operation.actor.id().map(|id| id.to_vec()),
            status: decision.map(|decision| codes::status_number(decision.to())),
            reason_code: reason.map(|reason| reason.as_str().to_owned()),
            note: note.map(|note| note.as_str().to_owned()),
            undoes,
            at: time(operation.at),
            trace_id: operation.trace_id.map(|id| id.as_bytes().to_vec()),
            finished_at: operation.finished_at.map(time),
            template,
        }
    }

    pub(super) fn operation(self) -> QueryResult<Operation> {
        let undoes = optional_bytes(self.undoes.as_deref())?;
        let kind = match (self.status, undoes, optional_bytes(self.template.as_deref())?) {
            (Some(status), None, None) => {
                let reason = self.reason_code.as_deref().map(str::parse::<ReasonCode>);
                let reason = reason.transpose().map_err(|_| unreadable())?;
                let note = self.note.as_deref().map(Note::parse);
                let note = note.transpose().map_err(|_| unreadable())?.flatten();
                OperationKind::Decide(Decision::stored(codes::status(status)?, reason, note))
            }
            (None, Some(undone), None) => OperationKind::Undo(OperationId::from_bytes(undone)),
            (None, None, Some(template)) => {
                OperationKind::CompleteTask(TemplateId::from_bytes(template))
            }
            _ => return Err(unreadable()),
        };
        let trace_id = optional_bytes(self.trace_id.as_deref())?;
        Ok(Operation {
            id: OperationId::from_bytes(bytes(&self.id)?),
            actor: actor(self.actor_kind, self.actor.as_deref())?,
            kind,
            at: self.at.and_utc(),
            trace_id: trace_id.and_then(TraceId::from_bytes),
            finished_at: self.finished_at.map(|at| at.and_utc()),
        })
    }
}

/// A student of an operation.
#[derive(Insertable)]
#[diesel(table_name = operation_items, treat_none_as_default_value = false)]
pub(super) struct ItemRow<'a> {
    operation: &'a [u8],
    student_id: i64,
    version: i32,
}

impl<'a> ItemRow<'a> {
    pub(super) fn new(operation: &'a OperationId, item: &OperationItem) -> Self {
        let OperationItem { row: RowId(student_id), seen } = *item;
        let version = decode::version_number(seen);
        Self { operation: operation.as_bytes(), student_id, version }
    }
}

/// The number that the table holds for an outcome. It is never reused.
pub(super) const fn outcome_number(outcome: Outcome) -> i16 {
    match outcome {
        Outcome::Applied => 1,
        Outcome::Skipped(Skip::Unchanged) => 2,
        Outcome::Skipped(Skip::IllegalTransition) => 3,
        Outcome::Skipped(Skip::ChangedSince) => 4,
        Outcome::Skipped(Skip::AlreadyRegistered) => 5,
        Outcome::Skipped(Skip::NotKept) => 6,
        Outcome::Skipped(Skip::Stopped) => 7,
        Outcome::Skipped(Skip::TasksOpen) => 8,
        Outcome::Skipped(Skip::NoTask) => 9,
        Outcome::Skipped(Skip::Waived) => 10,
    }
}

/// The outcome with this number.
pub(super) fn outcome(number: i16) -> QueryResult<Outcome> {
    if number == outcome_number(Outcome::Applied) {
        return Ok(Outcome::Applied);
    }
    decode::by_number(number, Skip::ALL, |skip| outcome_number(Outcome::Skipped(skip)))
        .map(Outcome::Skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back() {
        let all = Skip::ALL.into_iter().map(Outcome::Skipped).chain([Outcome::Applied]);
        for one in all {
            assert_eq!(outcome(outcome_number(one)), Ok(one));
        }
        assert!(outcome(0).is_err() && outcome(11).is_err());
    }
}
