//! Spans, logs and metrics as tests look at them: captured in memory ([`capture()`]), or received
//! over OTLP from a running service ([`OtlpReceiver`]).

mod capture;
mod emitted;
mod receiver;
mod span;

use std::collections::BTreeMap;

pub use capture::{Captured, MetricSample, capture, enable_all_callsites};
pub use emitted::{Emitted, EmittedLog, EmittedSample, EmittedSpan, emitted};
pub use receiver::{OtlpReceiver, ReceiverMode};
pub use span::{Event, Link, Span, trace_outline, traces};

/// Names and values.
pub type Attributes = BTreeMap<String, serde_json::Value>;

/// A log record.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// What it says.
    pub body: String,
    /// `INFO` and so on.
    pub severity: String,
    /// The trace in which it was written, in hexadecimal; empty outside of any.
    pub trace_id: String,
    /// The span in which it was written.
    pub span_id: String,
    /// Which part of the program wrote it.
    pub target: String,
    /// What else it says.
    pub attributes: Attributes,
    /// Who wrote it.
    pub resource: Attributes,
}
