//! The students of an operation, what would become of them, and its begin.

use std::collections::HashMap;

use registration_domain::{
    ApiAnswer, ApiRequest, Claim, Decision, Deed, DeskTransaction, Operation, OperationId,
    OperationItem, PageStart, RepositoryError, RosterFilter, RosterQuery, RowId, Skip, Sort,
    Status, StudentId, StudentRecord, Version, plan_decision,
};

use super::{
    super::{DeskError, RequestContext, access::Caller, students::KeyReused},
    Operations,
};

/// Students that a request changes itself.
const AT_ONCE: usize = 500;

/// Which students.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These, as the caller saw them.
    Students(Vec<(StudentId, Version)>),
    /// Those whom a filter finds; of those registered later than its moment, none.
    Filter(RosterFilter),
}

/// What an operation would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many students it would change.
    pub applies: usize,
    /// Those whom it would leave as they are, the reasons in their order.
    pub skipped: Skipped,
    /// How many of the named students there are no longer.
    pub missing: usize,
    /// The moment of the filter: the newest student's row.
    pub as_of: Option<RowId>,
}

/// Students who were left as they were, by reason.
pub type Skipped = Vec<(Skip, Vec<StudentRecord>)>;

/// Why an operation did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// There are more than [`Operation::MAX_STUDENTS`].
    #[error("too many students for one operation")]
    TooMany,
    /// The idempotency key was sent with another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
}

/// An operation that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// Its id.
    pub id: OperationId,
    /// Whether a job goes on with it.
    pub is_running: bool,
}

/// The students of a selection.
struct Chosen {
    records: Vec<(RowId, StudentRecord, Version)>,
    missing: usize,
    as_of: Option<RowId>,
}

type Answer<T, E> = Result<Result<T, E>, DeskError>;

impl Operations {
    /// What a decision for `to` would do with these students. Changes nothing.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub async fn preview(&self, selection: Selection, to: Status) -> Answer<Preview, BeginError> {
        let chosen = match self.choose(selection).await? {
            Ok(chosen) => chosen,
            Err(error) => return Ok(Err(error)),
        };
        let mut applies = 0;
        let mut skipped: Skipped = Skip::ALL.into_iter().map(|skip| (skip, Vec::new())).collect();
        for (_, record, seen) in chosen.records {
            match plan_decision(&record, seen, to) {
                Ok(()) => applies += 1,
                Err(why) => {
                    let reason = skipped.iter_mut().find(|(skip, _)| *skip == why);
                    reason.into_iter().for_each(|(_, records)| records.push(record.clone()));
                }
            }
        }
        skipped.retain(|(_, records)| !records.is_empty());
        Ok(Ok(Preview { applies, skipped, missing: chosen.missing, as_of: chosen.as_of }))
    }

    /// Takes a decision on these students; once for a request that is repeated.
    ///
    /// # Errors
    ///
    /// There are too many, or the key was sent with another request.
    pub async fn decide(
        &self,
        selection: Selection,
        decision: Decision,
        caller: &Caller,
        context: RequestContext,
        request: Option<ApiRequest>,
    ) -> Answer<Begun, BeginError> {
        let chosen = match self.choose(selection).await? {
            Ok(chosen) => chosen,
            Err(error) => return Ok(Err(error)),
        };
        let item = |(row, _, seen)| OperationItem { row, seen };
        let items = chosen.records.into_iter().map(item).collect();
        let deed = Deed::Decide(decision);
        Ok(self.begin(deed, items, caller, context, request).await?.map_err(BeginError::from))
    }

    /// Stores an operation and runs it, at once or by the job.
    pub(super) async fn begin(
        &self,
        deed: Deed,
        items: Vec<OperationItem>,
        caller: &Caller,
        context: RequestContext,
        request: Option<ApiRequest>,
    ) -> Answer<Begun, KeyReused> {
        let operation = Operation {
            id: OperationId::new(context.now, context.other_id_bytes()),
            actor: caller.actor(),
            deed,
            at: context.now,
            trace_id: context.trace_id,
            finished_at: None,
        };
        let is_running = items.len() > AT_ONCE;
        let store = move |desk: &mut dyn DeskTransaction| {
            let id = operation.id;
            let Some(request) = &request else {
                return desk.insert_operation(&operation, &items).map(|()| Ok((id, true)));
            };
            // The operation takes the place of the student.
            let subject = StudentId::from_bytes(*id.as_bytes());
            match desk.claim_request(request, subject, context.now)? {
                Claim::Answered(ApiAnswer { student, .. }) => {
                    return Ok(Ok((OperationId::from_bytes(*student.as_bytes()), false)));
                }
                Claim::Reused => return Ok(Err(KeyReused)),
                Claim::New => {}
            }
            desk.insert_operation(&operation, &items)?;
            Ok(Ok((id, true)))
        };
        let (id, is_new) = match self.office.write(store).await? {
            Ok(stored) => stored,
            Err(error) => return Ok(Err(error)),
        };
        match (is_new, is_running) {
            (true, true) => self.begun.notify_one(),
            (true, false) => self.run(id, context).await?,
            (false, _) => {}
        }
        Ok(Ok(Begun { id, is_running }))
    }

    async fn choose(&self, selection: Selection) -> Answer<Chosen, BeginError> {
        match selection {
            Selection::Students(ids) => {
                if ids.len() > Operation::MAX_STUDENTS {
                    return Ok(Err(BeginError::TooMany));
                }
                let chosen = self.office.read(move |desk| named(desk, &ids)).await?;
                Ok(Ok(chosen))
            }
            Selection::Filter(filter) => {
                let of = filter.clone();
                let chosen = self.office.list(&filter, move |desk| found(desk, &of)).await?;
                let is_too_long = chosen.records.len() > Operation::MAX_STUDENTS;
                Ok(if is_too_long { Err(BeginError::TooMany) } else { Ok(chosen) })
            }
        }
    }
}

/// The named students, each once.
fn named(
    desk: &mut dyn DeskTransaction,
    ids: &[(StudentId, Version)],
) -> Result<Chosen, RepositoryError> {
    let seen: HashMap<_, _> = ids.iter().copied().collect();
    let ids: Vec<_> = seen.keys().copied().collect();
    let with_version = |(row, record): (RowId, StudentRecord)| {
        let version = *seen.get(&record.id)?;
        Some((row, record, version))
    };
    let mut records: Vec<_> =
        desk.find_records(&ids)?.into_iter().filter_map(with_version).collect();
    records.sort_unstable_by_key(|(row, ..)| *row);
    Ok(Chosen { missing: ids.len() - records.len(), records, as_of: None })
}

/// The students whom a filter finds, one more than an operation may have.
fn found(desk: &mut dyn DeskTransaction, filter: &RosterFilter) -> Result<Chosen, RepositoryError> {
    let as_of = match filter.as_of {
        Some(row) => Some(row),
        None => desk.newest_row()?,
    };
    let query = RosterQuery {
        filter: RosterFilter { as_of, ..filter.clone() },
        sort: Sort::OldestFirst,
        start: PageStart::First,
        limit: Operation::MAX_STUDENTS + 1,
    };
    let students = desk.page(&query)?.unwrap_or_default().students;
    let as_seen = |(row, record): (RowId, StudentRecord)| {
        let version = record.version;
        (row, record, version)
    };
    Ok(Chosen { records: students.into_iter().map(as_seen).collect(), missing: 0, as_of })
}
