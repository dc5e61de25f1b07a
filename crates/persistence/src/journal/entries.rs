//! The row of an entry. What is read back is equal to what was written, so that seals hold.

use chrono::NaiveDateTime;
use diesel::{Insertable, QueryResult, Queryable, Selectable, result::Error};
use registration_domain::{
    Action, Actor, Detail, JournalEntry, OperationId, RecordHash, StaffId, StudentId, TokenId,
    TraceId,
};

use crate::{
    decode::{bytes, optional_bytes, time, unreadable},
    schema::journal,
};

/// Bytes of an id.
const ID_BYTES: usize = 16;

/// An entry as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = journal)]
pub(crate) struct EntryRow {
    pub(crate) id: i64,
    at: NaiveDateTime,
    actor_kind: i16,
    actor: Option<Vec<u8>>,
    action: String,
    subject: Option<Vec<u8>>,
    ids: Option<Vec<u8>>,
    detail: Option<String>,
    before_hash: Option<Vec<u8>>,
    after_hash: Option<Vec<u8>>,
    trace_id: Option<Vec<u8>>,
    operation: Option<Vec<u8>>,
}

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
pub(super) struct NewEntryRow {
    at: NaiveDateTime,
    actor_kind: i16,
    actor: Option<Vec<u8>>,
    action: &'static str,
    subject: Option<Vec<u8>>,
    members: i32,
    ids: Option<Vec<u8>>,
    detail: Option<String>,
    before_hash: Option<Vec<u8>>,
    after_hash: Option<Vec<u8>>,
    trace_id: Option<Vec<u8>>,
    operation: Option<Vec<u8>>,
}

/// The number of an actor's kind.
pub(crate) const fn actor_number(actor: &Actor) -> i16 {
    match actor {
        Actor::Applicant => 1,
        Actor::Staff(_) => 2,
        Actor::Token(_) => 3,
        Actor::System => 4,
    }
}

/// The actor of this kind with this id.
pub(crate) fn actor(number: i16, id: Option<&[u8]>) -> QueryResult<Actor> {
    Ok(match (number, optional_bytes(id)?) {
        (1, None) => Actor::Applicant,
        (2, Some(id)) => Actor::Staff(StaffId::from_bytes(id)),
        (3, Some(id)) => Actor::Token(TokenId::from_bytes(id)),
        (4, None) => Actor::System,
        _ => return Err(unreadable()),
    })
}

/// The public ids of an entry of registrations.
pub(crate) fn members(ids: Option<&[u8]>) -> QueryResult<Vec<StudentId>> {
    let chunks = ids.unwrap_or_default().chunks(ID_BYTES);
    chunks.map(|id| bytes(id).map(StudentId::from_bytes)).collect()
}

impl NewEntryRow {
    pub(super) fn new(entry: &JournalEntry) -> QueryResult<Self> {
        let ids: Vec<u8> = entry.members.iter().flat_map(|id| *id.as_bytes()).collect();
        let detail = match entry.detail.is_empty() {
            true => None,
            false => Some(serde_json::to_string(&entry.detail).map_err(not_json)?),
        };
        let [before, after] = match &entry.hashes {
            Some((before, after)) => [before, after].map(|hash| hash.map(|hash| hash.0.to_vec())),
            None => [None, None],
        };
        Ok(Self {
            at: time(entry.at),
            actor_kind: actor_number(&entry.actor),
            actor: entry.actor.id().map(|id| id.to_vec()),
            action: entry.action.as_str(),
            subject: entry.subject.map(|subject| subject.to_vec()),
            members: i32::try_from(entry.members.len()).unwrap_or(i32::MAX),
            ids: (!ids.is_empty()).then_some(ids),
            detail,
            before_hash: before,
            after_hash: after,
            trace_id: entry.trace_id.map(|id| id.as_bytes().to_vec()),
            operation: entry.operation.map(|id| id.as_bytes().to_vec()),
        })
    }
}

impl EntryRow {
    pub(crate) fn entry(self) -> QueryResult<JournalEntry> {
        let detail: Detail = match &self.detail {
            Some(detail) => serde_json::from_str(detail).map_err(not_json)?,
            None => Detail::new(),
        };
        let before = optional_bytes(self.before_hash.as_deref())?.map(RecordHash);
        let after = optional_bytes(self.after_hash.as_deref())?.map(RecordHash);
        let trace_id = optional_bytes(self.trace_id.as_deref())?;
        let operation = optional_bytes(self.operation.as_deref())?;
        Ok(JournalEntry {
            at: self.at.and_utc(),
            actor: actor(self.actor_kind, self.actor.as_deref())?,
            action: self.action.parse::<Action>().map_err(|_| unreadable())?,
            subject: optional_bytes(self.subject.as_deref())?,
            members: members(self.ids.as_deref())?,
            detail,
            hashes: before.or(after).map(|_| (before, after)),
            trace_id: trace_id.and_then(TraceId::from_bytes),
            operation: operation.map(OperationId::from_bytes),
        })
    }
}

fn not_json(error: serde_json::Error) -> Error {
    Error::SerializationError(Box::new(error))
}
