//! The names of a signal's environment variables.

/// A signal that is exported over OTLP.
#[derive(Clone, Copy)]
pub(super) struct Signal {
    /// As variables spell it.
    pub(super) name: &'static str,
    /// The prefix of its batch processor's variables.
    batch_prefix: &'static str,
    /// The default of `SCHEDULE_DELAY`, in milliseconds.
    pub(super) schedule_delay: u64,
}

pub(super) const TRACES: Signal =
    Signal { name: "TRACES", batch_prefix: "OTEL_BSP", schedule_delay: 5_000 };
pub(super) const LOGS: Signal =
    Signal { name: "LOGS", batch_prefix: "OTEL_BLRP", schedule_delay: 1_000 };

impl Signal {
    /// The variable that chooses the exporter.
    pub(super) fn exporter(self) -> String {
        format!("OTEL_{}_EXPORTER", self.name)
    }

    /// A variable of the batch processor.
    pub(super) fn batch(self, option: &str) -> String {
        format!("{}_{option}", self.batch_prefix)
    }

    /// The signal's own variable of the OTLP exporter, then the one that the signals share.
    pub(super) fn otlp(self, option: &str) -> [String; 2] {
        let own = format!("OTEL_EXPORTER_OTLP_{}_{option}", self.name);
        [own, format!("OTEL_EXPORTER_OTLP_{option}")]
    }
}
