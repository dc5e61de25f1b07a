//! Changes the students of an operation, chunk by chunk.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{OperationId, OperationKind, RepositoryError, commit};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{
    super::{
        DeskError, RequestContext,
        jobs::{Arrivals, Observation, Outage, flat, observe_transitions, pause_after},
    },
    Operations,
    change::change_next,
};
use crate::threads::Threads;

/// How often operations are looked for that another instance has begun, or one that was killed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Longest rest between two chunks, by the time that one takes.
const MAX_REST: u32 = 9;

/// Random bytes, from which salts are made; `None` where the operating system has none.
pub type Random = fn() -> Option<[u8; 64]>;

impl Operations {
    /// Changes every student of an operation that has few.
    pub(super) async fn run(
        &self,
        id: OperationId,
        context: RequestContext,
    ) -> Result<(), DeskError> {
        let (this, begun) = (self.clone(), Instant::now());
        let run = move || this.run_to_the_end(id, || context.now + begun.elapsed(), context.random);
        Ok(self.office.threads.run(run).await??)
    }

    #[tracing::instrument(name = "run_operation", skip_all, fields(operation.id = %id))]
    fn run_to_the_end(
        &self,
        id: OperationId,
        now: impl Fn() -> DateTime<Utc>,
        seed: [u8; 64],
    ) -> Result<(), RepositoryError> {
        // Its students were registered before it began.
        self.keeper.cover_all(now())?;
        while !self.run_chunk(id, now(), seed)? {}
        Ok(())
    }

    /// Changes the next students, as a job; whether they were the last.
    #[tracing::instrument(name = "run_operation", skip_all, fields(operation.id = %id))]
    fn run_next(
        &self,
        id: OperationId,
        is_first: bool,
        now: DateTime<Utc>,
        random: Random,
    ) -> Result<bool, RepositoryError> {
        let seed =
            random().ok_or_else(|| RepositoryError::unexpected("there are no random bytes"))?;
        if is_first {
            self.keeper.cover_all(now)?;
        }
        self.run_chunk(id, now, seed)
    }

    /// Changes the next students; whether they were the last.
    #[tracing::instrument(name = "operation_chunk", skip_all)]
    fn run_chunk(
        &self,
        id: OperationId,
        now: DateTime<Utc>,
        seed: [u8; 64],
    ) -> Result<bool, RepositoryError> {
        let chunk = commit(&*self.office.store, |desk| change_next(desk, id, now, &seed))?;
        observe_transitions(self.observe, chunk.transitions, chunk.by.kind());
        (self.observe)(Observation::TasksCreated(chunk.new_tasks));
        for took in chunk.completed_tasks {
            (self.observe)(Observation::TaskCompleted(took));
        }
        if let Some((operation, kind)) = chunk.finished {
            let took = (now - operation.at).to_std().unwrap_or_default();
            let is_undo = matches!(operation.kind, OperationKind::Undo(_));
            let outcome = if is_undo { "undone" } else { "applied" };
            (self.observe)(Observation::Operation { kind, outcome, took });
        }
        Ok(chunk.is_last)
    }
}

/// Runs operations with many students, and those that a killed process left, for as long as it is polled.
pub async fn run_operations(
    operations: Operations,
    threads: Arc<Threads>,
    arrivals: Arrivals,
    now: fn() -> DateTime<Utc>,
    random: Random,
) {
    let mut outage = Outage::new("Operations not run");
    let mut due = interval(LOOK_INTERVAL);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = operations.begun.notified() => {}
        }
        let store = Arc::clone(&operations.office.store);
        let look = move || registration_domain::read(&*store, |desk| desk.unfinished_operations());
        let unfinished = flat(threads.run(look).await);
        let mut result = unfinished.as_ref().map(|_| ()).map_err(Clone::clone);
        for id in unfinished.unwrap_or_default() {
            // One that fails does not hold up the others.
            result = result.and(run_job(&operations, &threads, &arrivals, id, now, random).await);
        }
        outage.note(result);
    }
}

/// Runs one operation chunk by chunk. Registrations have priority: where many arrive, it rests for up to
/// [`MAX_REST`] times as long as a chunk took.
async fn run_job(
    operations: &Operations,
    threads: &Threads,
    arrivals: &Arrivals,
    id: OperationId,
    now: fn() -> DateTime<Utc>,
    random: Random,
) -> Result<(), String> {
    for chunk in 0_u32.. {
        let (this, begun) = (operations.clone(), Instant::now());
        let next = move || this.run_next(id, chunk == 0, now(), random);
        if flat(threads.run(next).await)? {
            break;
        }
        let took = begun.elapsed();
        sleep(pause_after(took, arrivals).min(MAX_REST * took)).await;
    }
    Ok(())
}
