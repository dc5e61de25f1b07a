//! The seam from asynchronous code to work that blocks, such as the synchronous ports.
//!
//! It carries the current span to the thread that does the work, resumes its panics, and bounds
//! the wait. Work that has not started when its caller gives up, or is dropped, never starts.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The work did not finish in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimedOut {
    /// It waited for a thread all the time, and never starts.
    #[error("no thread became free for the work in time")]
    InQueue,
    /// It has started, and may still finish.
    #[error("the work took too long")]
    Running,
}

/// Runs `work` on a thread that may block and waits for it, for at most `timeout`.
///
/// # Errors
///
/// The work did not finish in time.
pub async fn run<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TimedOut> {
    run_on(&tokio::runtime::Handle::current(), timeout, work).await
}

/// As [`run`], on the threads of this runtime.
pub(crate) async fn run_on<T: Send + 'static>(
    runtime: &tokio::runtime::Handle,
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TimedOut> {
    let span = tracing::Span::current();
    let ticket = Arc::new(AtomicBool::new(false));
    let caller = Caller(Arc::clone(&ticket));
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    let task = runtime.spawn_blocking(move || {
        let first = !ticket.swap(true, Ordering::SeqCst);
        first.then(|| span.in_scope(work))
    });
    match tokio::time::timeout(timeout, task).await {
        Ok(Ok(answer)) => answer.ok_or(TimedOut::InQueue),
        Ok(Err(failed)) if failed.is_panic() => panic::resume_unwind(failed.into_panic()),
        Ok(Err(_)) | Err(_) if caller.cancels_first() => Err(TimedOut::InQueue),
        Ok(Err(_)) | Err(_) => Err(TimedOut::Running),
    }
}

/// The caller of the work. Between the thread and the caller, the first to take the ticket decides
/// whether the work runs.
struct Caller(Arc<AtomicBool>);

impl Caller {
    /// Whether the work has not started. If so, it never will.
    fn cancels_first(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.cancels_first();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, mpsc},
        thread::{self, ThreadId},
    };

    use futures_util::FutureExt as _;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().max_blocking_threads(1).build().unwrap().block_on(future)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn the_answer_comes_back() {
        assert_eq!(block_on(run(LONG, || 42)).unwrap(), 42);
    }

    #[test]
    fn a_panic_is_resumed() {
        let work = panic::AssertUnwindSafe(run(LONG, || panic!("as it happens")));
        let caught = block_on(work.catch_unwind()).unwrap_err();
        assert_eq!(caught.downcast_ref(), Some(&"as it happens"));
    }

    #[test]
    fn the_wait_is_bounded_and_queued_work_never_starts() {
        let (release, hold) = mpsc::channel::<()>();
        let (started, starts) = mpsc::channel();
        block_on(async {
            let first = run(Duration::from_millis(10), move || hold.recv().is_err());
            assert_eq!(first.await, Err(TimedOut::Running));
            // The only thread is still busy, so this waits in the queue.
            let second = run(Duration::from_millis(10), move || started.send(()).is_ok());
            assert_eq!(second.await, Err(TimedOut::InQueue));
            drop(release);
            run(LONG, || ()).await.unwrap();
        });
        assert!(starts.recv().is_err(), "the second work was cancelled");
    }

    #[test]
    fn the_span_goes_along() {
        use tracing::Instrument as _;
        use tracing_subscriber::layer::SubscriberExt as _;

        let entered = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(RecordThreads(Arc::clone(&entered)));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request");
            block_on(run(LONG, || ()).instrument(span)).unwrap();
        });
        let here = thread::current().id();
        assert!(entered.lock().unwrap().iter().any(|thread| *thread != here));
    }

    /// Records the threads on which spans are entered.
    struct RecordThreads(Arc<Mutex<Vec<ThreadId>>>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for RecordThreads {
        fn on_enter(&self, _: &tracing::Id, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.lock().unwrap().push(thread::current().id());
        }
    }
}
