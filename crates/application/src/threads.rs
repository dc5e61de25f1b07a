//! A bulkhead: a bounded number of threads and a bounded queue, apart from those of registrations.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::blocking::{self, TimedOut};

/// What is added to the nice value of threads with less priority: they have a seventieth of the weight.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// How the threads compete for processors with those of registrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// As equals: for work on which registrations wait.
    Equal,
    /// Registrations come first. Only Linux has a priority for each thread.
    Low,
}

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
        priority: Priority,
    ) -> std::io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(threads)
            .thread_name(name)
            .on_thread_start(move || priority.apply())
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
        self.reserve()?.run(work).await
    }

    /// Reserves a place for work that comes later.
    ///
    /// # Errors
    ///
    /// The queue is full.
    pub fn reserve(&self) -> Result<Reserved, NotRun> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotRun::TooBusy)?;
        let runtime = self.runtime.as_ref().ok_or(NotRun::TooBusy)?.handle().clone();
        Ok(Reserved { place, runtime, timeout: self.timeout })
    }
}

/// A reserved place, which is free again when this is dropped.
#[derive(Debug)]
pub struct Reserved {
    place: OwnedSemaphorePermit,
    runtime: runtime::Handle,
    timeout: Duration,
}

impl Reserved {
    /// Runs `work` on one of the threads and waits for it.
    ///
    /// # Errors
    ///
    /// The work did not finish in time.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotRun> {
        let Self { place, runtime, timeout } = self;
        // The place is free again when the work ends, not when its caller gives up.
        let work = move || {
            let answer = work();
            drop(place);
            answer
        };
        Ok(blocking::run_on(&runtime, timeout, work).await?)
    }
}

impl Priority {
    /// Gives it to the calling thread.
    fn apply(self) {
        // On Linux a nice value is the thread's. More of it is always allowed.
        #[cfg(target_os = "linux")]
        if self == Self::Low {
            let _ = rustix::process::nice(NICE);
        }
    }
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

    fn start(queued: usize, priority: Priority) -> Threads {
        Threads::start("test", 1, queued, Duration::from_secs(60), priority).unwrap()
    }

    #[tokio::test]
    async fn work_beyond_the_queue_is_refused_and_places_become_free() {
        let threads = start(1, Priority::Equal);
        let (release, hold) = mpsc::channel::<()>();
        let first = threads.run(move || hold.recv().is_err());
        let second = threads.run(|| 2);
        let mut both = std::pin::pin!(futures_util::future::join(first, second));
        assert!(futures_util::poll!(both.as_mut()).is_pending());
        assert_eq!(threads.run(|| 3).await, Err(NotRun::TooBusy));
        assert_eq!(threads.reserve().map(drop), Err(NotRun::TooBusy));
        drop(release);
        assert_eq!(both.await, (Ok(true), Ok(2)));
        assert_eq!(threads.run(|| 4).await, Ok(4));
        let reserved = [threads.reserve().unwrap(), threads.reserve().unwrap()];
        assert_eq!(threads.run(|| 5).await, Err(NotRun::TooBusy));
        let [first, _] = reserved;
        assert_eq!(first.run(|| 6).await, Ok(6));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn threads_have_the_priority_of_that_which_starts_them_or_less() {
        use rustix::process::getpriority_process;

        let own = getpriority_process(None).unwrap();
        for (priority, nice) in [(Priority::Equal, own), (Priority::Low, (own + NICE).min(19))] {
            let threads = start(0, priority);
            assert_eq!(threads.run(|| getpriority_process(None)).await, Ok(Ok(nice)));
        }
    }
}
