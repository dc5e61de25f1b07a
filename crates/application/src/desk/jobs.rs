//! Background jobs of the office: journal entries of registrations, seals, the search index.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    IdempotencyKey, JournalKeeper, RepositoryError, Seal, SearchProjector, Status, Verdict,
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::Office;
use crate::{
    error_chain::error_chain,
    threads::{NotRun, Threads},
};

/// How often the journal is covered and sealed.
const KEEP_INTERVAL: Duration = Duration::from_secs(1);
/// How often the search index is updated while there is nothing to index.
const INDEX_INTERVAL: Duration = Duration::from_secs(1);
/// How often sessions are counted.
const SESSIONS_INTERVAL: Duration = Duration::from_secs(60);
/// How often answers to old requests are deleted.
const REQUESTS_INTERVAL: Duration = Duration::from_secs(600);
/// Minimum duration of one step of the search index while there is more.
const INDEX_SLICE: Duration = Duration::from_millis(50);
/// Registrations have priority: for this number of them in a second, the search index pauses as long as
/// its step took; for twice as many, twice as long.
const ARRIVALS_PER_PAUSE: f64 = 200.0;
/// Maximum pause: after a rush the search index catches up.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// A measurement of the journal, the search index or the sessions, for metrics.
#[derive(Clone, Copy, Debug)]
pub enum Observation {
    /// A seal was made, in this time.
    Sealed(Seal, Duration),
    /// The number of entries without a seal.
    Unsealed(usize),
    /// The number of sealed registrations that are not indexed yet.
    IndexLag(usize),
    /// The number of active sessions.
    Sessions(usize),
    /// Statuses were changed.
    Transitions {
        /// The status before.
        from: Status,
        /// The status after.
        to: Status,
        /// The kind of the actor, or `import`.
        by: &'static str,
        /// The number of students.
        count: usize,
    },
    /// Rows of an import were planned.
    ImportRows {
        /// What they would do.
        verdict: Verdict,
        /// The number of rows.
        count: usize,
    },
    /// An import was planned or stored.
    Import {
        /// `plan` or `run`.
        phase: &'static str,
        /// The time that it took.
        took: Duration,
    },
    /// The number of items added to checklists.
    TasksCreated(usize),
    /// An item was completed for the first time, this time after it was added.
    TaskCompleted(Duration),
    /// An operation of this kind was refused.
    Refused(&'static str),
    /// An operation was finished.
    Operation {
        /// `decision`, `edit`, `checklist` or `import`.
        kind: &'static str,
        /// `applied` or `undone`.
        outcome: &'static str,
        /// The time since it was begun.
        took: Duration,
    },
}

/// Records an observation.
pub type Observer = fn(Observation);

/// Observes changes of statuses: the same ones together.
pub(super) fn observe_transitions(
    observe: Observer,
    transitions: impl IntoIterator<Item = (Status, Status)>,
    by: &'static str,
) {
    let mut counts: HashMap<_, usize> = HashMap::new();
    for transition in transitions {
        *counts.entry(transition).or_default() += 1;
    }
    for ((from, to), count) in counts {
        observe(Observation::Transitions { from, to, by, count });
    }
}

/// Registrations in the last second: set by the journal's job, read by that of the search index.
#[derive(Clone, Default)]
pub struct Arrivals(Arc<AtomicUsize>);

/// Writes entries for registrations and seals the journal, for as long as it is polled.
pub async fn keep_journal(
    keeper: Arc<dyn JournalKeeper>,
    threads: Arc<Threads>,
    arrivals: Arrivals,
    now: fn() -> DateTime<Utc>,
    observe: Observer,
) {
    let mut due = interval(KEEP_INTERVAL);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outage = Outage::new("Journal not kept");
    loop {
        due.tick().await;
        let keeper = Arc::clone(&keeper);
        let kept = flat(threads.run(move || keep(&*keeper, now, observe)).await);
        if let Ok(covered) = kept {
            arrivals.0.store(covered, Ordering::Relaxed);
        }
        outage.note(kept);
    }
}

/// Covers all registrations, seals all entries, and returns the number of covered registrations.
fn keep(
    keeper: &dyn JournalKeeper,
    now: fn() -> DateTime<Utc>,
    observe: Observer,
) -> Result<usize, RepositoryError> {
    // Measured before the work as well: the backlog grows while the work fails.
    let unsealed = keeper.unsealed()?;
    observe(Observation::Unsealed(unsealed));
    let covered = keeper.cover_all(now())?;
    if unsealed > 0 || covered > 0 {
        let mut has_more = true;
        while has_more {
            let begun = Instant::now();
            let Some(seal) = keeper.seal(now())? else { break };
            has_more = seal.rows == Seal::MAX_ROWS;
            observe(Observation::Sealed(seal, begun.elapsed()));
        }
        observe(Observation::Unsealed(0));
    }
    Ok(covered)
}

/// Adds registered students to the search index, for as long as it is polled.
pub async fn index_students(
    projector: Arc<dyn SearchProjector>,
    threads: Arc<Threads>,
    arrivals: Arrivals,
    observe: Observer,
) {
    let mut outage = Outage::new("Search index not updated");
    loop {
        let begun = Instant::now();
        let projector = Arc::clone(&projector);
        let step = flat(threads.run(move || index(&*projector, observe)).await);
        let has_more = matches!(step, Ok(true));
        outage.note(step);
        let pause = if has_more { pause_after(begun.elapsed(), &arrivals) } else { INDEX_INTERVAL };
        sleep(pause).await;
    }
}

/// How long a job that gives way to registrations pauses after a step that took this long.
pub(super) fn pause_after(step: Duration, arrivals: &Arrivals) -> Duration {
    let arrivals = arrivals.0.load(Ordering::Relaxed) as f64;
    // More than that is a wait for a processor or a connection.
    let step = step.min(2 * INDEX_SLICE);
    step.mul_f64(arrivals / ARRIVALS_PER_PAUSE).min(MAX_PAUSE)
}

/// Rests on a thread of a job, as [`pause_after`] says.
#[expect(clippy::disallowed_methods, reason = "it makes room; there is no event to wait for")]
pub(super) fn rest_after(step: Duration, arrivals: &Arrivals) {
    std::thread::sleep(pause_after(step, arrivals));
}

/// Indexes students for up to [`INDEX_SLICE`]; returns whether there may be more.
fn index(projector: &dyn SearchProjector, observe: Observer) -> Result<bool, RepositoryError> {
    observe(Observation::IndexLag(projector.lag()?));
    let begun = Instant::now();
    while begun.elapsed() < INDEX_SLICE {
        if projector.index_next()?.is_none() {
            observe(Observation::IndexLag(projector.lag()?));
            return Ok(false);
        }
    }
    Ok(true)
}

/// Counts active sessions, for as long as it is polled.
pub async fn count_sessions(office: Office, now: impl Fn() -> DateTime<Utc>, observe: Observer) {
    let mut due = interval(SESSIONS_INTERVAL);
    loop {
        due.tick().await;
        let now = now();
        if let Ok(count) = office.read(move |desk| desk.count_active_sessions(now)).await {
            observe(Observation::Sessions(count));
        }
    }
}

/// Deletes kept answers to requests that are no longer repeated, for as long as it is polled.
pub async fn delete_old_requests(office: Office, now: impl Fn() -> DateTime<Utc>) {
    let mut outage = Outage::new("Old requests of programs not deleted");
    let mut due = interval(REQUESTS_INTERVAL);
    loop {
        due.tick().await;
        let cutoff = now() - IdempotencyKey::LIFETIME;
        let deleted = office
            .write(move |desk| desk.delete_old_requests(cutoff).map(Ok::<_, RepositoryError>))
            .await;
        outage.note(deleted.map_err(|error| error_chain(&error)));
    }
}

/// The result of work on the threads, with its error as text.
pub(super) fn flat<T>(result: Result<Result<T, RepositoryError>, NotRun>) -> Result<T, String> {
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error_chain(&error)),
        Err(error) => Err(error_chain(&error)),
    }
}

/// Logs one line for each outage.
pub(super) struct Outage {
    message: &'static str,
    is_failing: bool,
}

impl Outage {
    pub(super) const fn new(message: &'static str) -> Self {
        Self { message, is_failing: false }
    }

    pub(super) fn note<T>(&mut self, result: Result<T, String>) {
        match result {
            Ok(_) => self.is_failing = false,
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                tracing::warn!(error, "{}", self.message);
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_index_pauses_for_longer_while_more_register() {
        let arrivals = Arrivals::default();
        let step = Duration::from_millis(50);
        for (arrived, expected) in [(0, 0), (100, 25), (200, 50), (2_000, 500), (200_000, 5_000)] {
            arrivals.0.store(arrived, Ordering::Relaxed);
            assert_eq!(pause_after(step, &arrivals), Duration::from_millis(expected), "{arrived}");
        }
    }
}
