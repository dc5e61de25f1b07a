//! The one seam from async to work that blocks, such as every call of the repository.
//!
//! It carries the current span to the thread that does the work, raises its panics again, and
//! bounds the wait. Work that has not begun when the caller gives up, or goes away, never begins.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Nobody waits for the work any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TimedOut {
    /// It waited for a thread all the time, and never begins.
    #[error("no thread became free for the work in time")]
    InQueue,
    /// It has begun, and may still be done.
    #[error("the work took too long")]
    AtWork,
}

/// Does `work` on a thread that may block and waits for it, for `limit` at most.
pub(crate) async fn run<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TimedOut> {
    let span = tracing::Span::current();
    let ticket = Arc::new(AtomicBool::new(false));
    let waiting = Waiting(Arc::clone(&ticket));
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    let task = tokio::task::spawn_blocking(move || {
        let first = !ticket.swap(true, Ordering::SeqCst);
        first.then(|| span.in_scope(work))
    });
    match tokio::time::timeout(limit, task).await {
        Ok(Ok(answer)) => answer.ok_or(TimedOut::InQueue),
        Ok(Err(failed)) if failed.is_panic() => panic::resume_unwind(failed.into_panic()),
        Ok(Err(_)) | Err(_) if waiting.gives_up_first() => Err(TimedOut::InQueue),
        Ok(Err(_)) | Err(_) => Err(TimedOut::AtWork),
    }
}

/// Whoever waits for the work. Between the worker and this, the first to take the ticket decides
/// whether the work is done.
struct Waiting(Arc<AtomicBool>);

impl Waiting {
    /// Says whether the work has not begun. If so it never will.
    fn gives_up_first(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.gives_up_first();
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
    fn a_panic_is_raised_again() {
        let work = panic::AssertUnwindSafe(run(LONG, || panic!("as it happens")));
        let caught = block_on(work.catch_unwind()).unwrap_err();
        assert_eq!(caught.downcast_ref(), Some(&"as it happens"));
    }

    #[test]
    fn the_wait_is_bounded_and_queued_work_never_begins() {
        let (release, hold) = mpsc::channel::<()>();
        let (began, beginnings) = mpsc::channel();
        block_on(async {
            let first = run(Duration::from_millis(10), move || hold.recv().is_err());
            assert_eq!(first.await, Err(TimedOut::AtWork));
            // The only thread is still busy, so this waits in the queue.
            let second = run(Duration::from_millis(10), move || began.send(()).is_ok());
            assert_eq!(second.await, Err(TimedOut::InQueue));
            drop(release);
            run(LONG, || ()).await.unwrap();
        });
        assert!(beginnings.recv().is_err(), "nobody waited for the second work");
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

    /// Remembers the threads on which spans are entered.
    struct RecordThreads(Arc<Mutex<Vec<ThreadId>>>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for RecordThreads {
        fn on_enter(&self, _: &tracing::Id, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.lock().unwrap().push(thread::current().id());
        }
    }
}
