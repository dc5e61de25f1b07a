//! The batch writer: registrations that arrive during a commit are queued, and written together by the
//! next commit. Each has its own trace and its own answer.

mod batch;
pub(crate) mod multi_insert;
mod queue;
mod sync;
#[cfg(all(test, feature = "mysql", feature = "sqlite"))]
mod tests;

use std::{
    fmt, io,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use futures_channel::oneshot;
use metrics::{Histogram, histogram};
use registration_domain::{InsertOutcome, NewRegistration, RepositoryError, Unavailability};
use tracing::Span;

use self::{
    batch::{BatchItem, BatchItemOutcome, BatchResult},
    queue::{QueueItem, QueueLimits, Work, WriteQueue},
};
use crate::{
    connection::{pool_metrics::ConnectionWait, session::Session},
    database::Database,
    registrations::queries,
    retry,
};

/// The limits of the batch writer.
#[derive(Clone)]
pub struct WriteOptions {
    /// Maximum number of registrations in a commit; 1 gives each a commit of its own.
    pub max_batch_size: u32,
    /// Maximum number of queued registrations. Beyond it an insert fails at once with
    /// [`Unavailability::Overloaded`].
    pub queue_capacity: u32,
    /// Whether a span is exported. The statements of a batch belong to the trace of one registration
    /// whose span is; the other registrations are linked to them.
    pub is_sampled: Arc<dyn Fn(&Span) -> bool + Send + Sync>,
}

impl fmt::Debug for WriteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_batch_size, queue_capacity, is_sampled: _ } = self;
        f.debug_struct("WriteOptions")
            .field("max_batch_size", max_batch_size)
            .field("queue_capacity", queue_capacity)
            .finish_non_exhaustive()
    }
}

/// Maximum size of the queued registrations together, in bytes. They are fewer than
/// [`WriteOptions::queue_capacity`] where that allows more than this.
const MAX_QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// The size of a queued registration's span and of its place for the answer, in bytes.
const SPAN_BYTES: usize = 1024;

type Answer = Result<InsertOutcome, RepositoryError>;

/// A registration that is queued or being written.
struct PendingInsert {
    registration: NewRegistration,
    /// `db_insert_student`, in the trace of the request.
    span: Span,
    /// `false` where the span is that of a request whose trace is not sampled.
    may_be_sampled: bool,
    /// `None` once there was a connection.
    wait: Option<ConnectionWait>,
    answer: oneshot::Sender<Answer>,
}

/// The queue of registrations, and how they are written.
pub(crate) struct Writer {
    database: Database,
    queue: WriteQueue<PendingInsert>,
    batch_size: Histogram,
    is_sampled: Arc<dyn Fn(&Span) -> bool + Send + Sync>,
    /// Whether the last batch had duplicates: then the next one is likely to have some.
    precheck: AtomicBool,
}

impl Writer {
    pub(crate) fn new(database: Database, options: WriteOptions) -> Self {
        let [queue_capacity, max_batch_size, max_in_flight] =
            [options.queue_capacity, options.max_batch_size, database.pool().max_size()]
                .map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let max_wait = database.pool().timeout();
        let max_queue_bytes = MAX_QUEUE_BYTES;
        let limits = QueueLimits {
            queue_capacity,
            max_queue_bytes,
            max_batch_size,
            max_in_flight,
            max_wait,
        };
        Self {
            queue: WriteQueue::new(limits),
            batch_size: histogram!("db_insert_batch_size"),
            is_sampled: options.is_sampled,
            precheck: AtomicBool::new(false),
            database,
        }
    }

    /// Starts a thread for each connection, and one more that expires inserts while they all write.
    pub(crate) fn spawn_threads(writer: &Arc<Self>) -> io::Result<()> {
        for number in 0..=writer.database.pool().max_size() {
            let writer = Arc::clone(writer);
            thread::Builder::new()
                .name(format!("writer-{number}"))
                .spawn(move || while writer.write_next() {})
                .map(drop)?;
        }
        Ok(())
    }

    /// Queues a registration, whose span is a child of the current one.
    pub(crate) fn enqueue(&self, registration: NewRegistration) -> oneshot::Receiver<Answer> {
        let (span, may_be_sampled) = span();
        let wait = Some(self.database.pool().waits().begin(&span));
        let (answer, receiver) = oneshot::channel();
        let pending = PendingInsert { registration, span, may_be_sampled, wait, answer };
        if let Err(rejected) = self.queue.push(pending) {
            let reason = Unavailability::Overloaded;
            rejected.fail(RepositoryError::unavailable(reason, "the write queue is full"));
        }
        receiver
    }

    /// Waits for a batch and writes it. `false` when the queue is closed and empty.
    fn write_next(&self) -> bool {
        match self.queue.next() {
            None => return false,
            Some(Work::Expired(expired)) => {
                let reason = self.database.pool().timeout_reason();
                let error = RepositoryError::unavailable(reason, "no connection became free");
                expired.into_iter().for_each(|pending| pending.fail(error.clone()));
            }
            Some(Work::Write(mut batch)) => {
                let items = std::mem::take(&mut batch.items);
                // A panic fails its batch, not the thread.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| self.write(items)));
            }
        }
        true
    }

    /// Closes the queue. What is queued is still written.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    fn write(&self, batch: Vec<PendingInsert>) {
        // Drop inserts whose caller has gone away.
        let mut batch: Vec<_> =
            batch.into_iter().filter(|pending| !pending.answer.is_canceled()).collect();
        let outcomes = match self.outcomes(&mut batch) {
            Ok(outcomes) => outcomes,
            Err(error) => {
                batch.into_iter().for_each(|pending| pending.fail(error.clone()));
                return;
            }
        };
        let (mut requeued, mut requeued_alone) = (Vec::new(), Vec::new());
        for (pending, outcome) in batch.into_iter().zip(outcomes) {
            match outcome {
                BatchItemOutcome::Done(answer) => {
                    self.database.record_write_result(&answer);
                    pending.finish(answer);
                }
                BatchItemOutcome::RetryInNextBatch => requeued.push(pending),
                BatchItemOutcome::RetryAlone => requeued_alone.push(pending),
            }
        }
        if !requeued.is_empty() {
            self.queue.requeue(requeued);
        }
        if !requeued_alone.is_empty() {
            self.queue.requeue_alone(requeued_alone);
        }
    }

    /// Writes a batch and returns the outcome of each item. The connection is returned and the
    /// statements' spans have ended before any caller is answered.
    fn outcomes(
        &self,
        batch: &mut [PendingInsert],
    ) -> Result<Vec<BatchItemOutcome>, RepositoryError> {
        let Some(span) = self.statements_parent(batch) else { return Ok(Vec::new()) };
        let _entered = span.enter();
        let mut session = self.database.session()?;
        batch.iter_mut().for_each(PendingInsert::connected);
        self.batch_size.record(batch.len() as f64);
        Ok(match batch {
            [one] => vec![BatchItemOutcome::Done(insert_alone(&mut session, &one.registration))],
            batch => self.insert_batch(&mut session, batch),
        })
    }

    /// The span that the statements of a batch are children of.
    fn statements_parent(&self, batch: &[PendingInsert]) -> Option<Span> {
        let is_sampled =
            |pending: &&PendingInsert| pending.may_be_sampled && (self.is_sampled)(&pending.span);
        let sampled = || batch.iter().find(is_sampled);
        let parent = if batch.len() == 1 { batch.first() } else { sampled().or(batch.first()) };
        parent.map(|pending| pending.span.clone())
    }

    fn insert_batch(
        &self,
        session: &mut Session,
        batch: &[PendingInsert],
    ) -> Vec<BatchItemOutcome> {
        let items: Vec<_> = batch
            .iter()
            .map(|pending| BatchItem { registration: &pending.registration, span: &pending.span })
            .collect();
        let precheck = self.precheck.load(Ordering::Relaxed);
        let BatchResult { outcomes, had_duplicates } = batch::insert(session, &items, precheck);
        self.precheck.store(had_duplicates, Ordering::Relaxed);
        outcomes
    }
}

/// The span of an insert, and whether it may be sampled. Where it is disabled, it is the current one, so
/// that the writing thread knows that it works for a trace whose spans are disabled.
fn span() -> (Span, bool) {
    let span = tracing::info_span!("db_insert_student");
    if span.is_disabled() { (Span::current(), false) } else { (span, true) }
}

fn insert_alone(session: &mut Session, registration: &NewRegistration) -> Answer {
    retry::on_conflict(|| session.traced(|connection| queries::insert(connection, registration)))
        .map_err(|failure| session.repository_error(failure))
}

impl QueueItem for PendingInsert {
    fn size(&self) -> usize {
        let NewRegistration { student, key, origin: _ } = &self.registration;
        let texts = student.applicant().texts();
        let texts: usize = texts.iter().map(|(_, text)| text.len()).sum();
        let key = key.as_ref().map_or(0, |key| key.as_str().len());
        size_of::<Self>() + SPAN_BYTES + texts + key
    }
}

impl PendingInsert {
    /// Ends the wait for a connection. A requeued insert has ended it before.
    fn connected(&mut self) {
        if let Some(wait) = self.wait.take() {
            wait.connected();
        }
    }

    /// Fails before there was a connection.
    fn fail(mut self, error: RepositoryError) {
        if let Some(wait) = self.wait.take() {
            wait.failed(&error);
        }
        self.finish(Err(error));
    }

    /// Ends the span, then answers the caller, if it still waits.
    fn finish(self, answer: Answer) {
        drop((self.wait, self.span));
        let _ = self.answer.send(answer);
    }
}
