//! Where work waits to be written: bounded, and handed out in batches to whoever writes.
//!
//! Batches make themselves: what comes while one is being written is the next one. Nothing waits for
//! company, so that a single request is written at once.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::many;

/// How long a batch may take before another is begun beside it. One at a time makes the largest
/// batches; but a database that is far away, or one row that somebody has locked, must not keep
/// everybody waiting.
const PATIENCE: Duration = Duration::from_millis(10);

/// How much a queue takes, and how it is handed out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) most_waiting: usize,
    pub(crate) largest_batch: usize,
    /// How many batches may be written at once. One thread more should ask for work: it tells those
    /// whom nobody gets to.
    pub(crate) most_batches: usize,
    /// How long anything may wait.
    pub(crate) longest_wait: Duration,
}

/// A queue of `T`.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Something has come, or the end.
    news: Condvar,
    limits: Limits,
}

struct State<T> {
    /// Since when each waits.
    waiting: VecDeque<(Instant, T)>,
    /// To be written in batches of one.
    alone: VecDeque<(Instant, T)>,
    /// How many batches are being written, and when the youngest of those that
    /// are shared was begun.
    under_way: usize,
    begun: Instant,
    /// Somebody will look again by itself.
    watched: bool,
    closed: bool,
}

/// What a thread is to do next.
pub(crate) enum Work<'a, T> {
    /// Write this together.
    Write(Batch<'a, T>),
    /// Tell these that they have waited too long.
    Refuse(Vec<T>),
}

/// What is to be written together; under way until it is dropped.
pub(crate) struct Batch<'a, T> {
    queue: &'a Queue<T>,
    pub(crate) items: Vec<T>,
}

impl<T> Queue<T> {
    pub(crate) fn new(limits: Limits) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            alone: VecDeque::new(),
            under_way: 0,
            begun: Instant::now(),
            watched: false,
            closed: false,
        };
        Self { state: Mutex::new(state), news: Condvar::new(), limits }
    }

    /// Takes `item` in, or gives it back where there is no room, or nobody to write it any more.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.locked();
        if state.closed || state.len() >= self.limits.most_waiting {
            return Err(item);
        }
        state.waiting.push_back((Instant::now(), item));
        // While a batch is under way, one of the idle need know: it keeps watch.
        let is_full = state.waiting.len() == self.limits.largest_batch;
        if state.under_way == 0 || !state.watched || is_full {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Takes back what could not be written yet, before everything that has come since.
    pub(crate) fn put_back(&self, items: Vec<T>) {
        let mut state = self.locked();
        for item in items.into_iter().rev() {
            state.waiting.push_front((Instant::now(), item));
        }
        self.news.notify_all();
    }

    /// Takes back what is to be written alone, each by whoever is free.
    pub(crate) fn put_back_alone(&self, items: Vec<T>) {
        let mut state = self.locked();
        state.alone.extend(items.into_iter().map(|item| (Instant::now(), item)));
        self.news.notify_all();
    }

    /// The next work, as soon as there is some; `None` when the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Work<'_, T>> {
        let mut state = self.locked();
        loop {
            let late = state.take_late(self.limits);
            if !late.is_empty() {
                return Some(Work::Refuse(late));
            }
            if let Some(items) = state.take_batch(self.limits) {
                if state.len() > 0 {
                    // Somebody has to see to the rest.
                    self.news.notify_one();
                }
                return Some(Work::Write(Batch { queue: self, items }));
            }
            if state.closed && state.len() == 0 {
                return None;
            }
            state = match state.next_look(self.limits) {
                Some(wait) if !state.watched => {
                    state.watched = true;
                    let waited = self.news.wait_timeout(state, wait);
                    let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
                    state.watched = false;
                    state
                }
                _ => self.news.wait(state).unwrap_or_else(PoisonError::into_inner),
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

    /// What has waited too long.
    fn take_late(&mut self, limits: Limits) -> Vec<T> {
        let mut late = Vec::new();
        for queue in [&mut self.alone, &mut self.waiting] {
            let is_late = |(since, _): &mut (Instant, T)| since.elapsed() >= limits.longest_wait;
            while let Some((_, item)) = queue.pop_front_if(is_late) {
                late.push(item);
            }
        }
        late
    }

    /// What may be written now.
    fn take_batch(&mut self, limits: Limits) -> Option<Vec<T>> {
        if self.under_way == limits.most_batches {
            return None;
        }
        if let Some((_, item)) = self.alone.pop_front() {
            self.under_way += 1;
            return Some(vec![item]);
        }
        let count = self.waiting.len().min(limits.largest_batch);
        let now = self.under_way == 0
            || count == limits.largest_batch
            || self.begun.elapsed() >= PATIENCE
            || self.closed;
        if count == 0 || !now {
            return None;
        }
        self.under_way += 1;
        self.begun = Instant::now();
        Some(self.waiting.drain(..many::kept(count)).map(|(_, item)| item).collect())
    }

    /// In how long there may be work without news, where anything waits.
    fn next_look(&self, limits: Limits) -> Option<Duration> {
        let oldest = [&self.alone, &self.waiting].into_iter().filter_map(VecDeque::front);
        let oldest = oldest.map(|(since, _)| *since).min()?;
        let late = limits.longest_wait.saturating_sub(oldest.elapsed());
        let beside = PATIENCE.saturating_sub(self.begun.elapsed());
        Some(if self.under_way < limits.most_batches { beside.min(late) } else { late })
    }
}

impl<T> Drop for Batch<'_, T> {
    fn drop(&mut self) {
        self.queue.locked().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn queue(most_waiting: usize, largest_batch: usize) -> Queue<u32> {
        let limits = Limits { most_waiting, largest_batch, most_batches: 9, longest_wait: LONG };
        Queue::new(limits)
    }

    fn next(queue: &Queue<u32>) -> Batch<'_, u32> {
        match queue.next() {
            Some(Work::Write(batch)) => batch,
            Some(Work::Refuse(items)) => panic!("{items:?} came too late"),
            None => panic!("closed"),
        }
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
            let taken = idle.map(|idle| match idle.join().unwrap() {
                Some(Work::Write(batch)) => batch.items.clone(),
                Some(Work::Refuse(items)) => panic!("{items:?} came too late"),
                None => vec![],
            });
            assert!(taken.contains(&vec![2]) && taken.contains(&vec![]), "{taken:?}");
        });
        drop(stuck);
    }

    #[test]
    fn where_nobody_is_free_those_who_wait_are_told_in_time() {
        let longest_wait = Duration::from_millis(500);
        let limits = Limits { most_waiting: 10, largest_batch: 10, most_batches: 1, longest_wait };
        let queue = Queue::new(limits);
        queue.push(1).unwrap();
        let stuck = next(&queue);
        queue.push(2).unwrap();
        let Some(Work::Refuse(late)) = queue.next() else { panic!("there was no connection") };
        assert_eq!(late, [2]);
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
