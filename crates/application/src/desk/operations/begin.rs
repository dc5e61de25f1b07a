//! The students of an operation, what would become of them, and its begin.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use registration_domain::{
    ApiRequest, DeskTransaction, Operation, OperationId, OperationItem, OperationKind, PageStart,
    RepositoryError, RosterFilter, RosterQuery, RowId, Skip, Sort, StudentId, StudentRecord,
    TaskId, Version, plan_completion, plan_decision,
};

use super::{
    super::{
        DeskError, RequestContext,
        access::Caller,
        once::{KeyReused, answered},
    },
    Operations,
    change::with_open_tasks,
};

/// Students that a request changes itself.
const AT_ONCE: usize = 500;

/// Which students.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These, as the caller saw them.
    Students(Vec<(StudentId, Version)>),
    /// Those that a filter finds, as they were at a moment; without one, as they are.
    Filter(RosterFilter, Option<Moment>),
}

/// A moment of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The row of the newest student.
    pub row: RowId,
    /// The time: who has changed since is left as it is.
    pub at: DateTime<Utc>,
}

/// What an operation would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many students it would change.
    pub applies: usize,
    /// Those that it would skip, the reasons in their order.
    pub skipped: Skipped,
    /// How many of the named students there are no longer.
    pub missing: usize,
    /// The moment of the filter.
    pub as_of: Option<Moment>,
}

/// Students who were left as they were, by reason.
pub type Skipped = Vec<(Skip, Vec<StudentRecord>)>;

/// Groups students by reason, the reasons in their order.
pub(super) fn grouped(students: impl IntoIterator<Item = (Skip, StudentRecord)>) -> Skipped {
    let mut by_reason: HashMap<_, Vec<_>> = HashMap::new();
    for (skip, record) in students {
        by_reason.entry(skip).or_default().push(record);
    }
    Skip::ALL.into_iter().filter_map(|skip| by_reason.remove_entry(&skip)).collect()
}

/// Why an operation did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// There are more than [`Operation::MAX_STUDENTS`], or a search does not find all.
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
    /// How many of the named students there are no longer.
    pub missing: usize,
}

/// The students of a selection.
#[derive(Default)]
struct Chosen {
    records: Vec<Seen>,
    missing: usize,
    as_of: Option<Moment>,
    is_incomplete: bool,
}

type Answer<T, E> = Result<Result<T, E>, DeskError>;

impl Operations {
    /// What an operation of this kind would do with these students. Changes nothing.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub async fn preview(
        &self,
        selection: Selection,
        kind: OperationKind,
        now: DateTime<Utc>,
    ) -> Answer<Preview, BeginError> {
        let chosen = match self.choose(selection, now).await? {
            Ok(chosen) => chosen,
            Err(error) => return Ok(Err(error)),
        };
        let Chosen { records, missing, as_of, .. } = chosen;
        let plan = move |desk: &mut dyn DeskTransaction| plan(desk, &kind, &records);
        let (applies, skipped) = self.office.read(plan).await?;
        Ok(Ok(Preview { applies, skipped: grouped(skipped), missing, as_of }))
    }

    /// Does this with these students; once for a request that is repeated.
    ///
    /// # Errors
    ///
    /// There are too many, or the key was sent with another request.
    pub async fn start(
        &self,
        selection: Selection,
        kind: OperationKind,
        caller: &Caller,
        context: RequestContext,
        request: Option<ApiRequest>,
    ) -> Answer<Begun, BeginError> {
        let chosen = match self.choose(selection, context.now).await? {
            Ok(chosen) => chosen,
            Err(error) => return Ok(Err(error)),
        };
        let missing = chosen.missing;
        let item = |(row, _, seen)| OperationItem { row, seen };
        let items = chosen.records.into_iter().map(item).collect();
        let begun = self.begin(kind, items, caller, context, request, None::<BeginError>).await?;
        Ok(begun.map(|begun| Begun { missing, ..begun }))
    }

    /// Stores an operation and runs it, at once or by the job. What is `refused` is so unless the request
    /// is repeated.
    pub(super) async fn begin<E: From<KeyReused> + Clone + Send + Sync + 'static>(
        &self,
        kind: OperationKind,
        items: Vec<OperationItem>,
        caller: &Caller,
        context: RequestContext,
        request: Option<ApiRequest>,
        refused: Option<E>,
    ) -> Answer<Begun, E> {
        let operation = Operation {
            id: OperationId::new(context.now, context.other_id_bytes()),
            actor: caller.actor(),
            kind,
            at: context.now,
            trace_id: context.trace_id,
            finished_at: None,
        };
        let is_short = items.len() <= AT_ONCE;
        let has_run = AtomicBool::new(false);
        let store = move |desk: &mut dyn DeskTransaction| {
            let id = operation.id;
            // The operation takes the place of the student.
            let subject = StudentId::from_bytes(*id.as_bytes());
            match answered(desk, request.as_ref(), subject, context.now)? {
                Ok(None) => {}
                Ok(Some(answer)) => {
                    return Ok(Ok((OperationId::from_bytes(*answer.student.as_bytes()), false)));
                }
                Err(reused) => return Ok(Err(reused.into())),
            }
            if let Some(refused) = &refused {
                return Ok(Err(refused.clone()));
            }
            // Run again, because one of them has been erased since.
            let items = match has_run.swap(true, Ordering::Relaxed) {
                false => items.clone(),
                true => still_there(desk, &items)?,
            };
            desk.insert_operation(&operation, &items)?;
            Ok(Ok((id, true)))
        };
        let (id, is_new) = match self.office.write(store).await? {
            Ok(stored) => stored,
            Err(error) => return Ok(Err(error)),
        };
        // It is stored: where it cannot be run here and now, the job does.
        let is_done = is_new && is_short && self.run(id, context).await.is_ok();
        if !is_done {
            self.begun.notify_one();
        }
        let is_running = !is_done && !self.is_finished(id).await?;
        Ok(Ok(Begun { id, is_running, missing: 0 }))
    }

    async fn is_finished(&self, id: OperationId) -> Result<bool, DeskError> {
        let operation = self.office.read(move |desk| desk.find_operation(id)).await?;
        Ok(operation.is_none_or(|operation| operation.finished_at.is_some()))
    }

    async fn choose(&self, selection: Selection, now: DateTime<Utc>) -> Answer<Chosen, BeginError> {
        let chosen = match selection {
            Selection::Students(ids) if ids.len() > Operation::MAX_STUDENTS => {
                return Ok(Err(BeginError::TooMany));
            }
            Selection::Students(ids) => self.office.read(move |desk| named(desk, &ids)).await?,
            Selection::Filter(filter, moment) => {
                let of = filter.clone();
                let work = move |desk: &mut dyn DeskTransaction| found(desk, &of, moment, now);
                self.office.list(&filter, work).await?
            }
        };
        let is_too_long = chosen.records.len() > Operation::MAX_STUDENTS || chosen.is_incomplete;
        Ok(if is_too_long { Err(BeginError::TooMany) } else { Ok(chosen) })
    }
}

/// Those of these students who have not been erased.
fn still_there(
    desk: &mut dyn DeskTransaction,
    items: &[OperationItem],
) -> Result<Vec<OperationItem>, RepositoryError> {
    let rows: Vec<_> = items.iter().map(|item| item.row).collect();
    let there: HashSet<_> = desk.records_in(&rows)?.into_iter().map(|(row, _)| row).collect();
    Ok(items.iter().filter(|item| there.contains(&item.row)).copied().collect())
}

/// A student with the row and the version that the caller saw.
type Seen = (RowId, StudentRecord, Version);

/// How many of these students would change, and the others with the reason.
fn plan(
    desk: &mut dyn DeskTransaction,
    kind: &OperationKind,
    records: &[Seen],
) -> Result<(usize, Vec<(Skip, StudentRecord)>), RepositoryError> {
    let rows: Vec<_> = records.iter().map(|(row, ..)| *row).collect();
    let open = with_open_tasks(desk, kind, &rows)?;
    let tasks: HashMap<_, _> = match kind {
        OperationKind::CompleteTask(template) => {
            let ids: Vec<_> =
                records.iter().map(|(_, record, _)| TaskId::of(record.id, *template)).collect();
            desk.find_tasks(&ids)?.into_iter().map(|task| (task.student, task)).collect()
        }
        OperationKind::Decide(_) | OperationKind::Undo(_) => HashMap::new(),
    };
    let (mut applies, mut skipped) = (0, Vec::new());
    for (row, record, seen) in records {
        let plan = match kind {
            OperationKind::Decide(decision) => {
                plan_decision(record, *seen, decision.to(), open.contains(row))
            }
            OperationKind::CompleteTask(_) => plan_completion(tasks.get(&record.id)).map(drop),
            // Which students it changes, the journal says.
            OperationKind::Undo(_) => Ok(()),
        };
        match plan {
            Ok(()) => applies += 1,
            Err(skip) => skipped.push((skip, record.clone())),
        }
    }
    Ok((applies, skipped))
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
    Ok(Chosen { missing: ids.len() - records.len(), records, ..Chosen::default() })
}

/// The students that a filter finds, one more than an operation may have.
fn found(
    desk: &mut dyn DeskTransaction,
    filter: &RosterFilter,
    moment: Option<Moment>,
    now: DateTime<Utc>,
) -> Result<Chosen, RepositoryError> {
    let moment = match moment {
        Some(moment) => Some(moment),
        None => desk.newest_row()?.map(|row| Moment { row, at: now }),
    };
    let query = RosterQuery {
        filter: RosterFilter { as_of: moment.map(|moment| moment.row), ..filter.clone() },
        sort: Sort::OldestFirst,
        start: PageStart::First,
        limit: Operation::MAX_STUDENTS + 1,
    };
    let page = desk.page(&query)?.unwrap_or_default();
    let as_seen = |(row, record): (RowId, StudentRecord)| {
        let has_changed = moment.zip(record.updated_at).is_some_and(|(then, at)| at > then.at);
        let seen = if has_changed { record.version.previous() } else { None };
        let seen = seen.unwrap_or(record.version);
        (row, record, seen)
    };
    Ok(Chosen {
        is_incomplete: page.is_cut || page.behind > 0,
        records: page.students.into_iter().map(as_seen).collect(),
        missing: 0,
        as_of: moment,
    })
}
