//! Writes a batch of registrations in one transaction: precheck → dedup → insert → bisect.
//!
//! - *precheck* asks which addresses and keys are stored. It is skipped while batches have no
//!   duplicates; an insert that fails by a duplicate is repeated with it.
//! - *dedup* leaves one registration of each address and key to be inserted.
//! - *insert* writes their rows, one statement for each table.
//! - *bisect* repeats a failed insert by halves, until it has found the registration that caused it.

use std::collections::HashSet;

use diesel::{Connection as _, QueryResult};
use registration_domain::{InsertOutcome, NewRegistration, RepositoryError, Unavailability};
use tracing::Span;

use crate::{
    connection::session::{DatabaseConnection, Session},
    error,
    registrations::idempotency_keys,
    students::queries as students,
};

/// A table that registrations have rows in.
struct BatchTable {
    /// Whether a registration has a row in it.
    has_row: fn(&NewRegistration) -> bool,
    /// Inserts the rows of these registrations by one statement.
    insert_rows: fn(&mut DatabaseConnection, &[&NewRegistration]) -> QueryResult<()>,
}

/// The tables of a registration, referenced ones first. Spans are linked to the first insert.
const TABLES: [BatchTable; 2] = [
    BatchTable { has_row: |_| true, insert_rows: students::insert_rows },
    BatchTable { has_row: |one| one.key.is_some(), insert_rows: idempotency_keys::insert_rows },
];

/// A registration, and the span to be linked to the statements that it shares.
#[derive(Clone, Copy)]
pub(super) struct BatchItem<'a> {
    pub(super) registration: &'a NewRegistration,
    pub(super) span: &'a Span,
}

impl BatchItem<'_> {
    fn email_key(&self) -> String {
        self.registration.student.applicant().email.key()
    }
}

/// What became of an item of a batch.
pub(super) enum BatchItemOutcome {
    /// The item has its answer.
    Done(Result<InsertOutcome, RepositoryError>),
    /// Another item of the batch has its address or its key, and is not committed yet.
    RetryInNextBatch,
    /// The batch could not be written with it, or its key is stored and has to be read.
    RetryAlone,
}

impl BatchItemOutcome {
    /// The outcome of an item whose statement failed, by an outage or for a reason of its own.
    fn of_failure(outage: Option<&RepositoryError>) -> Self {
        outage.map_or(Self::RetryAlone, |outage| Self::Done(Err(outage.clone())))
    }
}

/// What became of a batch.
pub(super) struct BatchResult {
    /// One for each item, in order.
    pub(super) outcomes: Vec<BatchItemOutcome>,
    /// Whether an address or a key was stored already.
    pub(super) had_duplicates: bool,
}

/// Writes a batch. `with_precheck` costs a statement and saves a failed insert where duplicates are
/// likely.
pub(super) fn insert(
    session: &mut Session,
    items: &[BatchItem<'_>],
    with_precheck: bool,
) -> BatchResult {
    let prechecked = match with_precheck {
        true => precheck(session, items),
        false => Ok(items.iter().map(|_| None).collect()),
    };
    let mut outcomes = match prechecked {
        Ok(outcomes) => outcomes,
        Err(error) => {
            let outage = outage(session, &error);
            let failed = items.iter().map(|_| BatchItemOutcome::of_failure(outage.as_ref()));
            return BatchResult { outcomes: failed.collect(), had_duplicates: true };
        }
    };
    let had_duplicates = outcomes.iter().any(Option::is_some);
    let fresh = dedup(items, &mut outcomes);
    let mut inserted = match insert_rows(session, &fresh) {
        Err(error) if error::is_duplicate(&error) && !with_precheck => {
            return insert(session, items, true);
        }
        result => bisect(session, &fresh, result).into_iter(),
    };
    let mut next = || inserted.next().unwrap_or(BatchItemOutcome::RetryAlone);
    let outcomes = outcomes.into_iter().map(|known| known.unwrap_or_else(&mut next)).collect();
    BatchResult { outcomes, had_duplicates }
}

/// The outcome of each item whose address or key is stored. Reads addresses first: a registration
/// seen by its address has committed its key, too, which is then seen as well.
fn precheck(
    session: &mut Session,
    items: &[BatchItem<'_>],
) -> QueryResult<Vec<Option<BatchItemOutcome>>> {
    let emails: Vec<_> = items.iter().map(BatchItem::email_key).collect();
    let recorder = session.recorder();
    let (stored_emails, select) = session.traced(|connection| {
        let select = || students::registered_emails(connection, &emails);
        let (stored, span) = recorder.traced_batch(items.len(), None, select);
        stored.map(|stored| (stored, span))
    })?;
    for (item, email) in items.iter().zip(&emails) {
        if stored_emails.contains(email) {
            item.span.follows_from(select.as_ref().and_then(Span::id));
        }
    }
    drop(select);

    let keys: Vec<_> = items
        .iter()
        .map(|item| item.registration.key.as_ref().map(idempotency_keys::hash))
        .collect();
    let hashes: Vec<_> = keys.iter().flatten().cloned().collect();
    let stored_keys = match hashes.is_empty() {
        true => HashSet::new(),
        false => {
            session.traced(|connection| idempotency_keys::stored_hashes(connection, &hashes))?
        }
    };
    let outcome = |(email, key): (&String, &Option<Vec<u8>>)| {
        if key.as_ref().is_some_and(|key| stored_keys.contains(key)) {
            Some(BatchItemOutcome::RetryAlone)
        } else if stored_emails.contains(email) {
            Some(BatchItemOutcome::Done(Ok(InsertOutcome::AlreadyRegistered)))
        } else {
            None
        }
    };
    Ok(emails.iter().zip(&keys).map(outcome).collect())
}

/// The items without an outcome, one of each address and key; the others get the outcome
/// [`BatchItemOutcome::RetryInNextBatch`].
fn dedup<'a>(
    items: &[BatchItem<'a>],
    outcomes: &mut [Option<BatchItemOutcome>],
) -> Vec<BatchItem<'a>> {
    let (mut emails, mut keys) = (HashSet::new(), HashSet::new());
    let mut fresh = Vec::with_capacity(items.len());
    for (item, outcome) in items.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_none()) {
        let new_email = emails.insert(item.email_key());
        let new_key = item.registration.key.as_ref().is_none_or(|key| keys.insert(key));
        if new_email && new_key {
            fresh.push(*item);
        } else {
            *outcome = Some(BatchItemOutcome::RetryInNextBatch);
        }
    }
    fresh
}

/// Inserts the rows of all items or of none, and links each item to the insert of the students.
fn insert_rows(session: &mut Session, items: &[BatchItem<'_>]) -> QueryResult<()> {
    if items.is_empty() {
        return Ok(());
    }
    let recorder = session.recorder();
    let mut registrations: Vec<_> = items.iter().map(|item| item.registration).collect();
    // Concurrent batches lock rows in one order.
    registrations.sort_by_cached_key(|one| one.student.applicant().email.key());
    let tables: Vec<_> = TABLES
        .iter()
        .filter(|table| registrations.iter().any(|registration| (table.has_row)(registration)))
        .collect();
    let insert = |connection: &mut DatabaseConnection| {
        for (number, table) in tables.iter().enumerate() {
            let mut insert = || (table.insert_rows)(connection, &registrations);
            if number > 0 {
                insert()?;
                continue;
            }
            let (inserted, span) = recorder.traced_batch(items.len(), Some("students"), insert);
            for item in items {
                item.span.follows_from(span.as_ref().and_then(Span::id));
            }
            inserted?;
        }
        Ok(())
    };
    session.traced(|connection| match tables.len() {
        // One statement is its own transaction.
        1 => insert(connection),
        _ => connection.transaction(insert),
    })
}

/// The outcomes of `items`, of whose insert this is the result. Where it failed and may succeed for a
/// part of them, the halves are inserted.
fn bisect(
    session: &mut Session,
    items: &[BatchItem<'_>],
    result: QueryResult<()>,
) -> Vec<BatchItemOutcome> {
    let Err(error) = result else {
        return items.iter().map(|_| BatchItemOutcome::Done(Ok(InsertOutcome::Created))).collect();
    };
    let outage = outage(session, &error);
    // After a lock wait each half would wait as well.
    if outage.is_some() || error::is_lock_wait(&error) || items.len() == 1 {
        return items.iter().map(|_| BatchItemOutcome::of_failure(outage.as_ref())).collect();
    }
    let (first, second) = items.split_at(items.len() / 2);
    let mut outcomes = Vec::with_capacity(items.len());
    for half in [first, second] {
        let result = insert_rows(session, half);
        outcomes.extend(bisect(session, half, result));
    }
    outcomes
}

/// The domain's error, where nothing can be stored now.
fn outage(session: &mut Session, error: &diesel::result::Error) -> Option<RepositoryError> {
    match error::repository_error(error, || session.ping().is_ok()) {
        RepositoryError::Unexpected(_) => None,
        // A server has picked a victim. On SQLite the whole file is locked, and the wait is over.
        RepositoryError::Unavailable { reason: Unavailability::Conflict, .. }
            if error::is_conflict(error) =>
        {
            None
        }
        outage @ RepositoryError::Unavailable { .. } => Some(outage),
    }
}
