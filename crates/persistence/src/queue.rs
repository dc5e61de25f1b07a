//! Where work waits to be written: bounded, and handed out in batches to whoever writes.
//!
//! Batches make themselves: what comes while one is being written is the next one. Nothing waits for
//! company, so that a single request is written at once.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use metrics::Gauge;

/// How long a batch may take before another is begun beside it. One at a time makes the largest
/// batches; but a database that is far away, or one row that somebody has locked, must not keep
/// everybody waiting.
const PATIENCE: Duration = Duration::from_millis(10);

/// A queue of `T`.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Something has come, or the end.
    news: Condvar,
    waiting: Gauge,
    most_waiting: usize,
    largest_batch: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// To be written in batches of one.
    alone: VecDeque<T>,
    /// How many batches are being written, and when the youngest was begun.
    under_way: usize,
    begun: Instant,
    /// Somebody will look again when the youngest batch has had its time.
    watched: bool,
    closed: bool,
}

/// What is to be written together; under way until it is dropped.
pub(crate) struct Batch<'a, T> {
    queue: &'a Queue<T>,
    pub(crate) items: Vec<T>,
}

impl<T> Queue<T> {
    pub(crate) fn new(most_waiting: usize, largest_batch: usize, waiting: Gauge) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            alone: VecDeque::new(),
            under_way: 0,
            begun: Instant::now(),
            watched: false,
            closed: false,
        };
        let (state, news) = (Mutex::new(state), Condvar::new());
        Self { state, news, waiting, most_waiting, largest_batch }
    }

    /// Takes `item` in, or gives it back where there is no room, or nobody to write it any more.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.locked();
        if state.closed || state.len() >= self.most_waiting {
            return Err(item);
        }
        state.waiting.push_back(item);
        self.waiting.set(state.len() as f64);
        // While a batch is under way, one of the idle need know: it keeps watch.
        if state.under_way == 0 || !state.watched || state.waiting.len() == self.largest_batch {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Takes back what could not be written yet, before everything that has come since.
    pub(crate) fn put_back(&self, items: Vec<T>) {
        let mut state = self.locked();
        items.into_iter().rev().for_each(|item| state.waiting.push_front(item));
        self.changed(&state);
    }

    /// Takes back what is to be written alone, each by whoever is free.
    pub(crate) fn put_back_alone(&self, items: Vec<T>) {
        let mut state = self.locked();
        state.alone.extend(items);
        self.changed(&state);
    }

    fn changed(&self, state: &State<T>) {
        self.waiting.set(state.len() as f64);
        self.news.notify_all();
    }

    /// The next batch, as soon as there is one; `None` when the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Batch<'_, T>> {
        // Whoever is about to add something comes first. Costs nothing where nobody is.
        thread::yield_now();
        let mut state = self.locked();
        loop {
            if let Some(items) = state.take(self.largest_batch) {
                self.waiting.set(state.len() as f64);
                return Some(Batch { queue: self, items });
            }
            if state.closed && state.len() == 0 {
                return None;
            }
            let patience = PATIENCE.saturating_sub(state.begun.elapsed());
            state = if state.waiting.is_empty() || state.watched {
                self.news.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                state.watched = true;
                let waited = self.news.wait_timeout(state, patience);
                let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
                state.watched = false;
                state
            };
        }
    }

    /// Takes nothing in any more. What waits is still written.
    pub(crate) fn close(&self) {
        self.locked().closed = true;
        self.news.notify_all();
    }

    fn locked(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn len(&self) -> usize {
        self.waiting.len() + self.alone.len()
    }

    /// What may be written now.
    fn take(&mut self, largest_batch: usize) -> Option<Vec<T>> {
        let items: Vec<T> = if let Some(item) = self.alone.pop_front() {
            vec![item]
        } else {
            let count = self.waiting.len().min(largest_batch);
            let now = self.under_way == 0
                || count == largest_batch
                || self.begun.elapsed() >= PATIENCE
                || self.closed;
            if count == 0 || !now {
                return None;
            }
            self.waiting.drain(..count).collect()
        };
        self.under_way += 1;
        self.begun = Instant::now();
        Some(items)
    }
}

impl<T> Drop for Batch<'_, T> {
    fn drop(&mut self) {
        self.queue.locked().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn queue(most_waiting: usize, largest_batch: usize) -> Arc<Queue<u32>> {
        Arc::new(Queue::new(most_waiting, largest_batch, Gauge::noop()))
    }

    fn next(queue: &Queue<u32>) -> Batch<'_, u32> {
        queue.next().unwrap()
    }

    #[test]
    fn what_comes_while_a_batch_is_written_is_the_next() {
        let queue = queue(10, 10);
        queue.push(1).unwrap();
        let first = next(&queue);
        assert_eq!(first.items, [1]);
        queue.push(2).unwrap();
        queue.push(3).unwrap();
        drop(first);
        assert_eq!(next(&queue).items, [2, 3]);
    }

    #[test]
    fn a_full_queue_takes_nothing_until_there_is_room() {
        let queue = queue(2, 10);
        assert_eq!([queue.push(1), queue.push(2), queue.push(3)], [Ok(()), Ok(()), Err(3)]);
        drop(next(&queue));
        assert_eq!(queue.push(4), Ok(()));
    }

    #[test]
    fn a_full_batch_waits_for_no_other() {
        let queue = queue(10, 2);
        for item in 1..=5 {
            queue.push(item).unwrap();
        }
        let (first, second) = (next(&queue), next(&queue));
        assert_eq!([&first.items, &second.items], [&[1, 2], &[3, 4]]);
    }

    #[test]
    fn a_batch_that_takes_long_keeps_nobody_waiting() {
        let queue = queue(10, 10);
        queue.push(1).unwrap();
        let stuck = next(&queue);
        thread::scope(|scope| {
            // Both are waiting, idle, when something comes; one keeps watch and takes it.
            let idle = [scope.spawn(|| queue.next()), scope.spawn(|| queue.next())];
            queue.push(2).unwrap();
            while !idle.iter().any(thread::ScopedJoinHandle::is_finished) {
                thread::yield_now();
            }
            queue.close();
            let taken = idle.map(|idle| idle.join().unwrap().map(|batch| batch.items.clone()));
            assert!(taken.contains(&Some(vec![2])) && taken.contains(&None), "{taken:?}");
        });
        drop(stuck);
    }

    #[test]
    fn what_is_put_back_comes_first_and_the_alone_one_by_one() {
        let queue = queue(10, 10);
        queue.push(5).unwrap();
        queue.put_back(vec![3, 4]);
        queue.put_back_alone(vec![1, 2]);
        let batches = [next(&queue), next(&queue)];
        assert_eq!(batches.each_ref().map(|batch| batch.items.clone()), [[1], [2]]);
        drop(batches);
        assert_eq!(next(&queue).items, [3, 4, 5]);
    }

    #[test]
    fn a_closed_queue_takes_nothing_and_hands_out_what_is_left() {
        let queue = queue(10, 10);
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        assert_eq!(next(&queue).items, [1]);
        assert!(queue.next().is_none());
    }
}
