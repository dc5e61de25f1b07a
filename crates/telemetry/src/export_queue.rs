//! Bounds the queue of a signal by items and bytes, counts what is dropped, and logs when export fails
//! or recovers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use metrics::Counter;

/// Maximum size of the queued items of one signal, in bytes as the signal measures them. The memory of
/// a queue is at most about twice as much: allocations are rounded up, and a batch in flight is also
/// held in its encoded form.
pub(crate) const MAX_QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// The items of one signal that may be queued or in flight, by number and by size. Shared by the
/// processor, which acquires, and the exporter, which releases.
#[derive(Debug)]
pub(crate) struct QueueBudget {
    signal: &'static str,
    destination: String,
    items: Room,
    bytes: Room,
    failing: AtomicBool,
}

impl QueueBudget {
    /// A budget of `capacity` items and [`MAX_QUEUE_BYTES`].
    pub(crate) fn new(signal: &'static str, destination: String, capacity: usize) -> Self {
        Self {
            signal,
            destination,
            items: Room::new(capacity),
            bytes: Room::new(MAX_QUEUE_BYTES),
            failing: AtomicBool::new(false),
        }
    }

    /// Reserves room for one item of `bytes`. Returns `false`, and counts a drop, if the queue is full.
    /// The queue behind drops silently; it has the same capacity, so it never fills up before this
    /// budget.
    pub(crate) fn try_acquire(&self, bytes: usize) -> bool {
        let acquired = self.items.try_take(1) && (self.bytes.try_take(bytes) || self.give_back());
        if !acquired {
            dropped(self.signal).increment(1);
        }
        acquired
    }

    /// Returns the room of an item that is too large; `false`.
    fn give_back(&self) -> bool {
        self.items.give_back(1);
        false
    }

    /// The number of items that are queued or in flight.
    pub(crate) fn queued(&self) -> usize {
        self.items.taken()
    }

    /// Returns the room of a batch: `count` items of `bytes` together.
    pub(crate) fn release(&self, count: usize, bytes: usize) {
        self.bytes.give_back(bytes);
        self.items.give_back(count);
    }

    /// Counts the `count` items of a failed export as dropped; logs the first failure and the first
    /// success after one.
    pub(crate) fn record_result(&self, count: usize, result: Result<(), String>) {
        let signal = self.signal;
        match result {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!(signal, "Telemetry export recovered");
            }
            Ok(()) => {}
            Err(error) => {
                dropped(signal).increment(count as u64);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let endpoint = self.destination.as_str();
                    tracing::warn!(signal, endpoint, error, "Telemetry export failed");
                }
            }
        }
    }
}

/// An amount of which parts are taken and given back.
#[derive(Debug)]
struct Room {
    capacity: usize,
    taken: AtomicUsize,
}

impl Room {
    fn new(capacity: usize) -> Self {
        Self { capacity, taken: AtomicUsize::new(0) }
    }

    fn try_take(&self, amount: usize) -> bool {
        let more = |taken: usize| taken.checked_add(amount).filter(|taken| *taken <= self.capacity);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, amount: usize) {
        self.taken.fetch_sub(amount, Ordering::Relaxed);
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// The counter of dropped items: `traces`, `relayed` spans and `logs` on their way to OTLP, `stdout` for
/// log lines.
pub(crate) fn dropped(signal: &'static str) -> Counter {
    metrics::counter!("telemetry_dropped_total", "signal" => signal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_accepts_items_again_after_a_release() {
        let budget = QueueBudget::new("traces", String::new(), 2);
        assert_eq!([1, 2, 3].map(|bytes| budget.try_acquire(bytes)), [true, true, false]);
        budget.release(1, 1);
        assert_eq!([budget.try_acquire(1), budget.try_acquire(1)], [true, false]);
        assert_eq!(budget.queued(), 2);
    }

    #[test]
    fn a_queue_of_large_items_is_full_before_its_number_is_reached() {
        let budget = QueueBudget::new("traces", String::new(), 1000);
        let half = MAX_QUEUE_BYTES / 2;
        assert_eq!([half, half, 1].map(|bytes| budget.try_acquire(bytes)), [true, true, false]);
        budget.release(1, half);
        // An item that does not fit leaves the room of both kinds to the next.
        assert_eq!([half + 1, half].map(|bytes| budget.try_acquire(bytes)), [false, true]);
        assert_eq!(budget.queued(), 2);
        assert!(!budget.try_acquire(usize::MAX));
    }
}
