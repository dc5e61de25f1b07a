//! A model of `writer/sync.rs` under shuttle: the scheduler decides which thread runs, which of the waiting
//! threads a notification wakes, and whether a timed wait ends by it. Time passes in timed waits alone.

use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use shuttle::{
    rand::{Rng as _, thread_rng},
    sync, thread,
};

thread_local! {
    /// One thread of the operating system runs all threads of an interleaving.
    static CLOCK: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

pub(super) fn start_clock() {
    CLOCK.set(Duration::ZERO);
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(Duration);

impl Instant {
    pub(super) fn now() -> Self {
        Self(CLOCK.get())
    }

    pub(super) fn elapsed(self) -> Duration {
        CLOCK.get() - self.0
    }
}

pub(super) struct Mutex<T>(sync::Mutex<T>);

pub(super) struct MutexGuard<'a, T> {
    mutex: &'a sync::Mutex<T>,
    locked: Option<sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(super) fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: &self.0, locked: Some(self.0.lock().unwrap()) }
    }
}

impl<T> MutexGuard<'_, T> {
    fn unlocked(&mut self, wait: impl FnOnce()) {
        self.locked = None;
        wait();
        self.locked = Some(self.mutex.lock().unwrap());
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.locked.as_ref().unwrap()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.locked.as_mut().unwrap()
    }
}

struct Waiter {
    thread: thread::Thread,
    is_notified: AtomicBool,
}

/// Its own lock is never held across a step of the scheduler.
pub(super) struct Condvar(std::sync::Mutex<Vec<Arc<Waiter>>>);

impl Condvar {
    pub(super) fn new() -> Self {
        Self(std::sync::Mutex::default())
    }

    fn add_waiter(&self) -> Arc<Waiter> {
        let thread = thread::current();
        let waiter = Arc::new(Waiter { thread, is_notified: AtomicBool::new(false) });
        self.0.lock().unwrap().push(Arc::clone(&waiter));
        waiter
    }

    pub(super) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let waiter = self.add_waiter();
        guard.unlocked(|| {
            while !waiter.is_notified.load(Ordering::SeqCst) {
                thread::park();
            }
        });
    }

    pub(super) fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, timeout: Duration) {
        let waiter = self.add_waiter();
        guard.unlocked(|| {
            loop {
                thread::yield_now();
                if waiter.is_notified.load(Ordering::SeqCst) {
                    return;
                }
                if thread_rng().gen_bool(0.2) {
                    self.0.lock().unwrap().retain(|other| !Arc::ptr_eq(other, &waiter));
                    CLOCK.set(CLOCK.get() + timeout);
                    return;
                }
            }
        });
    }

    pub(super) fn notify_one(&self) {
        let count = self.0.lock().unwrap().len();
        if count > 0 {
            let index = thread_rng().gen_range(0..count);
            let waiter = self.0.lock().unwrap().swap_remove(index);
            waiter.notify();
        }
    }

    pub(super) fn notify_all(&self) {
        let waiters = std::mem::take(&mut *self.0.lock().unwrap());
        waiters.iter().for_each(|waiter| waiter.notify());
    }
}

impl Waiter {
    fn notify(&self) {
        self.is_notified.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}
