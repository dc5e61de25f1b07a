//! A signal's exporter and the limits of its batches.

use std::time::Duration;

use super::{
    endpoint::{DisabledReason, MAX_MILLISECONDS, OtlpEndpoint},
    reader::Reader,
    signal::Signal,
};

/// Bounds the memory that the SDK reserves for a queue; its items are bounded by bytes as well.
const MAX_QUEUE_SIZE: u64 = 100_000;

/// How a signal is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) exporter: Exporter,
    pub(crate) batch: BatchLimits,
}

/// Where a signal is exported to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exporter {
    Disabled(DisabledReason),
    Console,
    Otlp(OtlpEndpoint),
}

/// The limits of a batch processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchLimits {
    /// Maximum number of queued items.
    pub(crate) queue_capacity: usize,
    /// Maximum number of items in one export; at most the queue's capacity.
    pub(crate) batch_size: usize,
    /// The time between exports, unless a batch is full earlier.
    pub(crate) delay: Duration,
}

impl Pipeline {
    pub(super) fn read(reader: &mut Reader<'_>, signal: Signal) -> Self {
        Self { exporter: Exporter::read(reader, signal), batch: BatchLimits::read(reader, signal) }
    }
}

impl Exporter {
    fn read(reader: &mut Reader<'_>, signal: Signal) -> Self {
        // Read first in any case, so that its warnings do not depend on the exporter.
        let endpoint = OtlpEndpoint::read(reader, signal);
        let otlp = endpoint.map_or_else(Self::Disabled, Self::Otlp);
        let disabled = Self::Disabled(DisabledReason::ExporterIsNone);
        let exporters = [("otlp", &otlp), ("console", &Self::Console), ("none", &disabled)];
        let variable = reader.first([signal.exporter()]);
        reader.choice(variable, &exporters).unwrap_or(&otlp).clone()
    }
}

impl BatchLimits {
    fn read(reader: &mut Reader<'_>, signal: Signal) -> Self {
        let mut number = |option: &str, default, max| {
            reader.number(reader.first([signal.batch(option)]), default, max)
        };
        let queue = number("MAX_QUEUE_SIZE", 2048, MAX_QUEUE_SIZE);
        let batch = number("MAX_EXPORT_BATCH_SIZE", 512.min(queue), MAX_QUEUE_SIZE);
        let delay = number("SCHEDULE_DELAY", signal.schedule_delay, MAX_MILLISECONDS);
        if batch > queue {
            let reason = format!("is more than the queue holds: {queue} is used");
            reader.warn(&signal.batch("MAX_EXPORT_BATCH_SIZE"), reason);
        }
        let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            queue_capacity: size(queue),
            batch_size: size(batch.min(queue)),
            delay: Duration::from_millis(delay),
        }
    }
}
