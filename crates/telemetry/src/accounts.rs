//! What is waiting for its exporter, and what was lost: bounded, counted, and said once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use metrics::Counter;

/// The account of one signal, shared by the processor that queues and the exporter that sends.
#[derive(Debug)]
pub(crate) struct Account {
    signal: &'static str,
    destination: String,
    limit: usize,
    waiting: AtomicUsize,
    failing: AtomicBool,
}

impl Account {
    pub(crate) fn new(signal: &'static str, destination: String, limit: usize) -> Self {
        Self {
            signal,
            destination,
            limit,
            waiting: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
        }
    }

    /// Takes one more in, unless the queue is full: then it is dropped, and counted. The SDK's own
    /// queue, which has the same limit and says nothing, never fills up behind this.
    pub(crate) fn admit(&self) -> bool {
        let more = |waiting| (waiting < self.limit).then_some(waiting + 1);
        let admitted =
            self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if !admitted {
            dropped(self.signal).increment(1);
        }
        admitted
    }

    /// So many are still waiting.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A batch of so many has left, and this became of it. One line when exporting begins to fail,
    /// and one when it works again.
    pub(crate) fn settle(&self, count: usize, result: Result<(), String>) {
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        let signal = self.signal;
        match result {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!(signal, "Exporting telemetry again");
            }
            Ok(()) => {}
            Err(error) => {
                dropped(signal).increment(count as u64);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let endpoint = self.destination.as_str();
                    tracing::warn!(signal, endpoint, error, "Cannot export telemetry");
                }
            }
        }
    }
}

/// What was dropped of a signal: `traces`, `relayed` spans and `logs` on their way to OTLP, `stdout` for log lines.
pub(crate) fn dropped(signal: &'static str) -> Counter {
    metrics::counter!("telemetry_dropped_total", "signal" => signal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_takes_no_more_until_some_have_left() {
        let account = Account::new("traces", String::new(), 2);
        assert_eq!([account.admit(), account.admit(), account.admit()], [true, true, false]);
        account.settle(1, Ok(()));
        assert_eq!([account.admit(), account.admit()], [true, false]);
        assert_eq!(account.waiting(), 2);
    }
}
