//! Bounds the export queue of a signal, counts what is dropped, and logs when export fails or recovers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use metrics::Counter;

/// The number of items of one signal that may be queued or in flight. Shared by the processor, which
/// acquires, and the exporter, which releases.
#[derive(Debug)]
pub(crate) struct QueueBudget {
    signal: &'static str,
    destination: String,
    capacity: usize,
    queued: AtomicUsize,
    failing: AtomicBool,
}

impl QueueBudget {
    pub(crate) fn new(signal: &'static str, destination: String, capacity: usize) -> Self {
        Self {
            signal,
            destination,
            capacity,
            queued: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
        }
    }

    /// Reserves room for one item. Returns `false`, and counts a drop, if the queue is full. The SDK's
    /// queue drops silently; it has the same capacity, so it never fills up behind this budget.
    pub(crate) fn try_acquire(&self) -> bool {
        let more = |queued| (queued < self.capacity).then_some(queued + 1);
        let acquired = self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if !acquired {
            dropped(self.signal).increment(1);
        }
        acquired
    }

    /// The number of items that are queued or in flight.
    pub(crate) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Returns the room of an exported batch of `count` items. On failure counts them as dropped; logs
    /// the first failure and the first success after one.
    pub(crate) fn release(&self, count: usize, result: Result<(), String>) {
        self.queued.fetch_sub(count, Ordering::Relaxed);
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
        let acquired = [budget.try_acquire(), budget.try_acquire(), budget.try_acquire()];
        assert_eq!(acquired, [true, true, false]);
        budget.release(1, Ok(()));
        assert_eq!([budget.try_acquire(), budget.try_acquire()], [true, false]);
        assert_eq!(budget.queued(), 2);
    }
}
