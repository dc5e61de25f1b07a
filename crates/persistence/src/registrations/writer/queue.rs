//! The bounded queue of pending writes, handed out in batches.
//!
//! Batches form by themselves: what arrives while one is written is the next. No timer delays a single
//! request.

use std::{collections::VecDeque, time::Duration};

use super::{
    multi_insert::cached_len,
    sync::{Condvar, Instant, Mutex},
};

/// How long a batch is in flight before a second one is started beside it. One at a time makes the
/// largest batches; but a slow network, or one locked row, must not delay every request.
const SECOND_BATCH_DELAY: Duration = Duration::from_millis(10);

/// An item of a queue.
pub(super) trait QueueItem {
    /// Its size in memory, in bytes. Always the same for one item.
    fn size(&self) -> usize;
}

/// The limits of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLimits {
    /// Maximum number of queued items.
    pub(super) queue_capacity: usize,
    /// Maximum size of the queued items together, in bytes.
    pub(super) max_queue_bytes: usize,
    /// Maximum number of items in a batch.
    pub(super) max_batch_size: usize,
    /// Maximum number of batches in flight. One thread more is needed to expire items meanwhile.
    pub(super) max_in_flight: usize,
    /// How long an item may be queued.
    pub(super) max_wait: Duration,
}

/// A queue of `T`.
pub(super) struct WriteQueue<T> {
    state: Mutex<QueueState<T>>,
    /// Items have arrived, or the queue was closed.
    changed: Condvar,
    limits: QueueLimits,
}

/// An item, and when it was queued.
type Queued<T> = (Instant, T);

struct QueueState<T> {
    waiting: VecDeque<Queued<T>>,
    /// To be written in batches of one.
    alone: VecDeque<Queued<T>>,
    /// Size of both together.
    bytes: usize,
    /// Number of batches in flight.
    in_flight: usize,
    /// When the last batch of `waiting` was started.
    last_batch_at: Instant,
    /// A thread waits with a timeout, and looks again by itself.
    has_timed_waiter: bool,
    closed: bool,
}

/// What a thread does next.
pub(super) enum Work<'a, T> {
    /// Write these items together.
    Write(Batch<'a, T>),
    /// Fail these items, which have been queued for too long.
    Expired(Vec<T>),
}

/// The items of a batch, which is in flight until this is dropped.
pub(super) struct Batch<'a, T> {
    queue: &'a WriteQueue<T>,
    pub(super) items: Vec<T>,
}

impl<T: QueueItem> WriteQueue<T> {
    pub(super) fn new(limits: QueueLimits) -> Self {
        let state = QueueState {
            waiting: VecDeque::new(),
            alone: VecDeque::new(),
            bytes: 0,
            in_flight: 0,
            last_batch_at: Instant::now(),
            has_timed_waiter: false,
            closed: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), limits }
    }

    /// Queues an item, or returns it where the queue is full or closed.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock();
        let bytes = state.bytes.saturating_add(item.size());
        let has_room =
            state.len() < self.limits.queue_capacity && bytes <= self.limits.max_queue_bytes;
        if state.closed || !has_room {
            return Err(item);
        }
        state.bytes = bytes;
        state.waiting.push_back((Instant::now(), item));
        if !state.has_watcher(self.limits) {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Queues items again, before all that have arrived since.
    pub(super) fn requeue(&self, items: Vec<T>) {
        let mut state = self.state.lock();
        state.bytes += size(&items);
        for item in items.into_iter().rev() {
            state.waiting.push_front((Instant::now(), item));
        }
        self.changed.notify_all();
    }

    /// Queues items again, each for a batch of its own.
    pub(super) fn requeue_alone(&self, items: Vec<T>) {
        let mut state = self.state.lock();
        state.bytes += size(&items);
        state.alone.extend(items.into_iter().map(|item| (Instant::now(), item)));
        self.changed.notify_all();
    }

    /// Waits for the next work; `None` when the queue is closed and empty.
    pub(super) fn next(&self) -> Option<Work<'_, T>> {
        let mut state = self.state.lock();
        loop {
            let expired = state.take_expired(self.limits);
            if !expired.is_empty() {
                return Some(Work::Expired(expired));
            }
            if let Some(items) = state.take_batch(self.limits) {
                if state.len() > 0 && !state.has_watcher(self.limits) {
                    // Another thread takes the rest.
                    self.changed.notify_one();
                }
                return Some(Work::Write(Batch { queue: self, items }));
            }
            if state.closed && state.len() == 0 {
                return None;
            }
            match state.next_check(self.limits) {
                Some(timeout) if !state.has_timed_waiter => {
                    state.has_timed_waiter = true;
                    self.changed.wait_for(&mut state, timeout);
                    state.has_timed_waiter = false;
                }
                _ => self.changed.wait(&mut state),
            }
        }
    }

    /// Whether a thread waits that will look at the queue without a change.
    #[cfg(test)]
    pub(super) fn is_watched(&self) -> bool {
        self.state.lock().has_timed_waiter
    }

    /// Rejects further items. What is queued is still handed out.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

impl<T: QueueItem> QueueState<T> {
    fn len(&self) -> usize {
        self.waiting.len() + self.alone.len()
    }

    /// Whether a thread will look at the queue in time: while a batch is in flight, the timed waiter
    /// notices what waits for the next.
    fn has_watcher(&self, limits: QueueLimits) -> bool {
        let may_start_now = self.in_flight == 0
            || !self.alone.is_empty()
            || self.waiting.len() >= limits.max_batch_size;
        self.has_timed_waiter && !may_start_now
    }

    /// The items that have been queued for too long.
    fn take_expired(&mut self, limits: QueueLimits) -> Vec<T> {
        let mut expired = Vec::new();
        for queue in [&mut self.alone, &mut self.waiting] {
            let is_expired = |(since, _): &mut Queued<T>| since.elapsed() >= limits.max_wait;
            while let Some((_, item)) = queue.pop_front_if(is_expired) {
                expired.push(item);
            }
        }
        self.bytes -= size(&expired);
        expired
    }

    /// The items of a batch that may be started now.
    fn take_batch(&mut self, limits: QueueLimits) -> Option<Vec<T>> {
        if self.in_flight == limits.max_in_flight {
            return None;
        }
        if let Some((_, item)) = self.alone.pop_front() {
            self.bytes -= item.size();
            self.in_flight += 1;
            return Some(vec![item]);
        }
        let count = self.waiting.len().min(limits.max_batch_size);
        let may_start = self.in_flight == 0
            || count == limits.max_batch_size
            || self.last_batch_at.elapsed() >= SECOND_BATCH_DELAY
            || self.closed;
        if count == 0 || !may_start {
            return None;
        }
        self.in_flight += 1;
        self.last_batch_at = Instant::now();
        let batch: Vec<_> = self.waiting.drain(..cached_len(count)).map(|(_, item)| item).collect();
        self.bytes -= size(&batch);
        Some(batch)
    }

    /// When there may be work without a change, where anything is queued.
    fn next_check(&self, limits: QueueLimits) -> Option<Duration> {
        let oldest = [&self.alone, &self.waiting].into_iter().filter_map(VecDeque::front);
        let oldest = oldest.map(|(since, _)| *since).min()?;
        let expiry = limits.max_wait.saturating_sub(oldest.elapsed());
        Some(if self.in_flight < limits.max_in_flight {
            expiry.min(SECOND_BATCH_DELAY.saturating_sub(self.last_batch_at.elapsed()))
        } else if limits.max_in_flight > 1 {
            // The end of a batch wakes no worker, although what waits may then be a second batch.
            expiry.min(SECOND_BATCH_DELAY)
        } else {
            expiry
        })
    }
}

/// The size of these items together, in bytes.
fn size<T: QueueItem>(items: &[T]) -> usize {
    items.iter().map(T::size).sum()
}

impl<T> Drop for Batch<'_, T> {
    fn drop(&mut self) {
        self.queue.state.lock().in_flight -= 1;
    }
}
