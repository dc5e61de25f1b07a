//! The shared commit: submissions that come while a commit is under way are gathered, and written
//! together in the next. Each keeps a trace and an answer of its own.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use futures_channel::oneshot;
use metrics::{Histogram, histogram};
use registration_domain::{InsertOutcome, RepositoryError, Submission, Unavailability};
use tracing::Span;

use crate::{
    Database,
    connection::Session,
    error,
    pool::Wait,
    queue::{Limits, Queue, Work},
    retry, students,
    together::{self, Verdict, Written},
};

/// How submissions are gathered.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    /// The most that are written in one commit; 1 for a commit each.
    pub largest_batch: u32,
    /// The most that wait. Whoever comes then is told at once that the store is overloaded.
    pub most_waiting: u32,
    /// Whether a span will be kept. Of those who share a commit, one whose span will be kept has the
    /// statements in its trace; the others are linked to them.
    pub is_sampled: fn(&Span) -> bool,
}

type Answer = Result<InsertOutcome, RepositoryError>;

/// A submission that waits to be written.
pub(crate) struct Waiting {
    submission: Submission,
    /// Its part of its request's trace.
    span: Span,
    /// Its wait for a connection.
    wait: Option<Wait>,
    answer: oneshot::Sender<Answer>,
}

/// Writes what waits.
pub(crate) struct Writer {
    database: Database,
    queue: Queue<Waiting>,
    batch_size: Histogram,
    is_sampled: fn(&Span) -> bool,
    /// Whether the last batch held somebody who was there already; then the next is likely to.
    ask_first: AtomicBool,
}

impl Writer {
    pub(crate) fn new(database: Database, options: WriteOptions) -> Self {
        let [most_waiting, largest_batch, most_batches] =
            [options.most_waiting, options.largest_batch, database.size()]
                .map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let longest_wait = database.timeout();
        let limits = Limits { most_waiting, largest_batch, most_batches, longest_wait };
        Self {
            queue: Queue::new(limits),
            batch_size: histogram!("db_insert_batch_size"),
            is_sampled: options.is_sampled,
            ask_first: AtomicBool::new(false),
            database,
        }
    }

    /// Takes a submission in. Its span is a child of the current one.
    pub(crate) fn push(&self, submission: Submission) -> oneshot::Receiver<Answer> {
        let span = tracing::info_span!("db_insert_student");
        let wait = Some(self.database.waits().begin(&span));
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { submission, span, wait, answer };
        if let Err(refused) = self.queue.push(waiting) {
            refused.not_connected(unavailable(Unavailability::Overloaded, "too many wait already"));
        }
        answered
    }

    /// Writes what comes until the queue is closed.
    pub(crate) fn run(&self) {
        while self.write_next() {}
    }

    /// Waits for a batch and writes it; `false` when there will be none any more.
    pub(crate) fn write_next(&self) -> bool {
        match self.queue.next() {
            None => return false,
            Some(Work::Refuse(late)) => {
                let error =
                    unavailable(self.database.why_no_connection(), "no connection became free");
                late.into_iter().for_each(|waiting| waiting.not_connected(error.clone()));
            }
            Some(Work::Write(mut batch)) => {
                let items = std::mem::take(&mut batch.items);
                // Whoever panics is not to end the writing: those in the batch are told, and the next
                // come.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| self.write(items)));
            }
        }
        true
    }

    pub(crate) fn close(&self) {
        self.queue.close();
    }

    fn write(&self, batch: Vec<Waiting>) {
        // Work that nobody waits for never begins.
        let mut wanted: Vec<_> =
            batch.into_iter().filter(|waiting| !waiting.answer.is_canceled()).collect();
        let verdicts = match self.verdicts(&mut wanted) {
            Ok(verdicts) => verdicts,
            Err(error) => {
                wanted.into_iter().for_each(|waiting| waiting.not_connected(error.clone()));
                return;
            }
        };
        let (mut later, mut alone) = (Vec::new(), Vec::new());
        for (waiting, verdict) in wanted.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Answered(answer) => {
                    self.database.remember_write(&answer);
                    waiting.answer(answer);
                }
                Verdict::Later => later.push(waiting),
                Verdict::Alone => alone.push(waiting),
            }
        }
        if !later.is_empty() {
            self.queue.put_back(later);
        }
        if !alone.is_empty() {
            self.queue.put_back_alone(alone);
        }
    }

    /// Writes these and says what became of each. Whatever was done for them has ended then: the
    /// statements' spans, and the use of the connection.
    fn verdicts(&self, wanted: &mut [Waiting]) -> Result<Vec<Verdict>, RepositoryError> {
        let Some(leader) = self.leader(wanted) else { return Ok(Vec::new()) };
        let _leading = leader.enter();
        let mut session = self.database.session()?;
        wanted.iter_mut().for_each(Waiting::connected);
        self.batch_size.record(wanted.len() as f64);
        Ok(match wanted {
            [one] => vec![Verdict::Answered(write_alone(&mut session, &one.submission))],
            many => self.write_together(&mut session, many),
        })
    }

    /// Whose trace is to hold the statements of a batch.
    fn leader(&self, batch: &[Waiting]) -> Option<Span> {
        let sampled = || batch.iter().find(|waiting| (self.is_sampled)(&waiting.span));
        let leader = if batch.len() == 1 { batch.first() } else { sampled().or(batch.first()) };
        leader.map(|waiting| waiting.span.clone())
    }

    fn write_together(&self, session: &mut Session, batch: &[Waiting]) -> Vec<Verdict> {
        let members: Vec<_> =
            batch.iter().map(|waiting| (&waiting.submission, &waiting.span)).collect();
        let ask_first = self.ask_first.load(Ordering::Relaxed);
        let Written { verdicts, met_known } = together::insert(session, &members, ask_first);
        self.ask_first.store(met_known, Ordering::Relaxed);
        verdicts
    }
}

fn write_alone(session: &mut Session, Submission { student, key }: &Submission) -> Answer {
    let written = retry::on_conflict(|| {
        session.traced(|connection| students::insert(connection, student, key.as_ref()))
    });
    written.map_err(|error| error::from_query(&error, || session.ping().is_ok()))
}

impl Waiting {
    /// There is a connection to write it with.
    fn connected(&mut self) {
        // Not where it was put back: it has waited before.
        if let Some(wait) = self.wait.take() {
            wait.connected();
        }
    }

    /// There is none.
    fn not_connected(mut self, error: RepositoryError) {
        if let Some(wait) = self.wait.take() {
            wait.failed(&error);
        }
        self.answer(Err(error));
    }

    /// Ends its part of the trace, then tells whoever waits, if anybody still does.
    fn answer(self, answer: Answer) {
        drop((self.wait, self.span));
        let _ = self.answer.send(answer);
    }
}

fn unavailable(reason: Unavailability, cause: &'static str) -> RepositoryError {
    RepositoryError::Unavailable { reason, source: crate::database::cause(cause) }
}

/// Starts the threads that write, one for each connection there may be, and one more.
pub(crate) fn start(writer: &Arc<Writer>) -> std::io::Result<()> {
    for number in 0..=writer.database.size() {
        let writer = Arc::clone(writer);
        thread::Builder::new()
            .name(format!("writer-{number}"))
            .spawn(move || writer.run())
            .map(drop)?;
    }
    Ok(())
}
