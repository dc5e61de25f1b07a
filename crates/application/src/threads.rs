//! A bulkhead: a bounded number of threads and a bounded queue, apart from those of registrations.

use std::{sync::Arc, time::Duration};

use tokio::{runtime, sync::Semaphore};

use crate::blocking::{self, TimedOut};

/// The nice value of the threads, of -20 to 19; that of other threads is 0.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// Every thread is busy and the queue is full.
    #[error("too much work is queued")]
    TooBusy,
    /// It did not finish in time.
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
}

/// Threads that may block, for one kind of work.
pub struct Threads {
    runtime: Option<runtime::Runtime>,
    places: Arc<Semaphore>,
    timeout: Duration,
}

impl Threads {
    /// `threads` threads, `queued` places behind them, and how long one piece of work may take.
    ///
    /// # Errors
    ///
    /// The operating system cannot start a thread.
    pub fn start(
        name: &'static str,
        threads: usize,
        queued: usize,
        timeout: Duration,
    ) -> std::io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(threads)
            .thread_name(name)
            .on_thread_start(lower_priority)
            .build()?;
        let places = Arc::new(Semaphore::new(threads + queued));
        Ok(Self { runtime: Some(runtime), places, timeout })
    }

    /// Runs `work` on one of the threads and waits for it.
    ///
    /// # Errors
    ///
    /// The queue is full, or the work did not finish in time.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotRun> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotRun::TooBusy)?;
        let runtime = self.runtime.as_ref().ok_or(NotRun::TooBusy)?;
        // The place is free again when the work ends, not when its caller gives up.
        let work = move || {
            let answer = work();
            drop(place);
            answer
        };
        Ok(blocking::run_on(runtime.handle(), self.timeout, work).await?)
    }
}

/// Registrations have priority where processors are few: the calling thread has a tenth of the weight of
/// theirs. Only Linux has a priority for each thread.
fn lower_priority() {
    // A process that was started with less keeps it.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

impl Drop for Threads {
    /// Work in progress is not waited for: this may run on an event loop.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_beyond_the_queue_is_refused_and_places_become_free() {
        let threads = Threads::start("test", 1, 1, Duration::from_secs(60)).unwrap();
        let (release, hold) = mpsc::channel::<()>();
        let first = threads.run(move || hold.recv().is_err());
        let second = threads.run(|| 2);
        let mut both = std::pin::pin!(futures_util::future::join(first, second));
        assert!(futures_util::poll!(both.as_mut()).is_pending());
        assert_eq!(threads.run(|| 3).await, Err(NotRun::TooBusy));
        drop(release);
        assert_eq!(both.await, (Ok(true), Ok(2)));
        assert_eq!(threads.run(|| 4).await, Ok(4));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_have_a_lower_priority_than_that_which_starts_them() {
        use rustix::process::getpriority_process;

        let own = getpriority_process(None).unwrap();
        let threads = Threads::start("test", 1, 0, Duration::from_secs(60)).unwrap();
        let theirs = threads.run(|| getpriority_process(None)).await.unwrap().unwrap();
        assert!(theirs > own, "{theirs} {own}");
    }
}
