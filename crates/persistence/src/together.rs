//! Many submissions in one transaction: students by one statement, keys by another. Where somebody is
//! there already, the database is asked who, and the others are inserted.

use std::collections::HashSet;

use diesel::{Connection as _, QueryResult};
use registration_domain::{InsertOutcome, RepositoryError, Submission, Unavailability};
use tracing::Span;

use crate::{
    connection::{DatabaseConnection, Session},
    error, keys, students,
};

/// What became of a submission that was to be written together with others.
pub(crate) enum Verdict {
    /// It has its answer.
    Answered(Result<InsertOutcome, RepositoryError>),
    /// Another of the batch has its address or its key: whether that one is stored is not known yet.
    Later,
    /// It has to be written for itself: its key is there already, or the batch could not be written.
    Alone,
}

/// A submission, and the span that is linked to what is done for it.
pub(crate) type Member<'a> = (&'a Submission, &'a Span);

/// What became of a batch.
pub(crate) struct Written {
    /// Of each member, in order.
    pub(crate) verdicts: Vec<Verdict>,
    /// Whether somebody was there already.
    pub(crate) met_known: bool,
}

/// Writes what can be written together. `ask_first` says whether somebody is likely to be there
/// already: to be told so by an insert that fails costs more than to ask.
pub(crate) fn insert(session: &mut Session, members: &[Member<'_>], ask_first: bool) -> Written {
    let known = match ask_first {
        true => find_known(session, members),
        false => Ok(vec![Known::default(); members.len()]),
    };
    let known = match known {
        Ok(known) => known,
        Err(error) => {
            let outage = outage(session, &error);
            let verdicts = members.iter().map(|_| Verdict::of_failure(outage.as_ref())).collect();
            return Written { verdicts, met_known: true };
        }
    };
    let mut verdicts: Vec<_> = known.iter().map(Known::verdict).collect();
    let met_known = verdicts.iter().any(Option::is_some);
    let fresh = first_of_each(members, &mut verdicts);
    let mut stored = match insert_fresh(session, &fresh) {
        Err(error) if error::is_duplicate(&error) && !ask_first => {
            return insert(session, members, true);
        }
        attempt => in_parts(session, &fresh, attempt).into_iter(),
    };
    let mut next = || stored.next().unwrap_or(Verdict::Alone);
    let verdicts = verdicts.into_iter().map(|known| known.unwrap_or_else(&mut next)).collect();
    Written { verdicts, met_known }
}

/// What became of these, whom `attempt` was to store. Where it failed for what may be one of them
/// alone, the halves are tried, so that a few attempts find who it is.
fn in_parts(session: &mut Session, fresh: &[Member<'_>], attempt: QueryResult<()>) -> Vec<Verdict> {
    let Err(error) = attempt else {
        return fresh.iter().map(|_| Verdict::Answered(Ok(InsertOutcome::Created))).collect();
    };
    let outage = outage(session, &error);
    // Each half would wait for the lock as well.
    if outage.is_some() || error::is_lock_wait(&error) || fresh.len() == 1 {
        return fresh.iter().map(|_| Verdict::of_failure(outage.as_ref())).collect();
    }
    let (one, other) = fresh.split_at(fresh.len() / 2);
    let mut verdicts = Vec::with_capacity(fresh.len());
    for half in [one, other] {
        let attempt = insert_fresh(session, half);
        verdicts.extend(in_parts(session, half, attempt));
    }
    verdicts
}

/// What the database holds already of a submission.
#[derive(Clone, Copy, Default)]
struct Known {
    email: bool,
    key: bool,
}

impl Known {
    fn verdict(&self) -> Option<Verdict> {
        match self {
            // Only its own way tells what a key stands for.
            Self { key: true, .. } => Some(Verdict::Alone),
            Self { email: true, .. } => {
                Some(Verdict::Answered(Ok(InsertOutcome::AlreadyRegistered)))
            }
            _ => None,
        }
    }
}

/// Addresses first, then keys: whoever is seen to be registered, with a key, has that key seen too.
fn find_known(session: &mut Session, members: &[Member<'_>]) -> QueryResult<Vec<Known>> {
    let emails: Vec<_> =
        members.iter().map(|(one, _)| one.student.registration().email.key()).collect();
    let statements = session.statements();
    statements.share_next(members.len());
    let known_emails = session.traced(|connection| students::known_emails(connection, &emails));
    let asked = statements.shared();
    let known_emails = known_emails?;
    for ((_, span), email) in members.iter().zip(&emails) {
        if known_emails.contains(email)
            && let Some(asked) = &asked
        {
            span.follows_from(asked);
        }
    }
    drop(asked);
    let keys: Vec<_> = members.iter().map(|(one, _)| one.key.as_ref().map(keys::hash)).collect();
    let given: Vec<_> = keys.iter().flatten().cloned().collect();
    let known_keys = if given.is_empty() {
        HashSet::new()
    } else {
        session.traced(|connection| keys::known(connection, &given))?
    };
    let known = |(email, key): (&String, &Option<Vec<u8>>)| Known {
        email: known_emails.contains(email),
        key: key.as_ref().is_some_and(|key| known_keys.contains(key)),
    };
    Ok(emails.iter().zip(&keys).map(known).collect())
}

/// The members without a verdict, one of each address and key; the others are told to come later.
fn first_of_each<'a>(members: &[Member<'a>], verdicts: &mut [Option<Verdict>]) -> Vec<Member<'a>> {
    let (mut emails, mut keys) = (HashSet::new(), HashSet::new());
    let mut fresh = Vec::with_capacity(members.len());
    for ((submission, span), verdict) in members.iter().zip(verdicts) {
        if verdict.is_some() {
            continue;
        }
        let new_email = emails.insert(submission.student.registration().email.key());
        let new_key = submission.key.as_ref().is_none_or(|key| keys.insert(key));
        if new_email && new_key {
            fresh.push((*submission, *span));
        } else {
            *verdict = Some(Verdict::Later);
        }
    }
    fresh
}

/// All of them or none. Each is linked to the statement that stores it.
fn insert_fresh(session: &mut Session, fresh: &[Member<'_>]) -> QueryResult<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let statements = session.statements();
    let mut submissions: Vec<_> = fresh.iter().map(|(submission, _)| *submission).collect();
    // Two batches that meet take their locks in one order.
    submissions.sort_by_cached_key(|one| one.student.registration().email.key());
    let insert_students = |connection: &mut DatabaseConnection| {
        statements.share_next(fresh.len());
        let stored = students::store_all(connection, &submissions);
        if let Some(insert) = statements.shared() {
            for (_, span) in fresh {
                span.follows_from(&insert);
            }
        }
        stored
    };
    session.traced(|connection| {
        if submissions.iter().all(|submission| submission.key.is_none()) {
            // One statement is its own transaction.
            return insert_students(connection);
        }
        connection.transaction(|connection| {
            insert_students(connection)?;
            keys::store_all(connection, &submissions)
        })
    })
}

/// The error, where it means that nobody can be stored now.
fn outage(session: &mut Session, error: &diesel::result::Error) -> Option<RepositoryError> {
    match error::from_query(error, || session.ping().is_ok()) {
        RepositoryError::Unexpected(_) => None,
        // A server has named a victim; a file is locked as a whole, and has been waited for.
        RepositoryError::Unavailable { reason: Unavailability::Conflict, .. }
            if error::is_conflict(error) =>
        {
            None
        }
        outage @ RepositoryError::Unavailable { .. } => Some(outage),
    }
}

impl Verdict {
    fn of_failure(outage: Option<&RepositoryError>) -> Self {
        outage.map_or(Self::Alone, |outage| Self::Answered(Err(outage.clone())))
    }
}
