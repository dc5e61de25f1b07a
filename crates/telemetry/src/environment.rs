//! The OpenTelemetry environment: the `OTEL_*` variables, read in one place. (The SDK itself reads
//! its limits on a span's attributes, events and links.)
//!
//! The SDK reads only some of them. Whatever it would not read, or would fall back on silently, is
//! read here and handed to it, by the rules of the specification: an empty value is an unset one,
//! and one that cannot be used is a [`Warning`] and the default, never an error. Credentials in
//! `OTEL_EXPORTER_OTLP_HEADERS` stay with the exporter, which reads them itself.

mod reader;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use self::reader::Reader;

/// A variable that was not followed, and why. Never repeats a value that may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The variable's name.
    pub variable: String,
    /// What is wrong, and what is done instead.
    pub reason: String,
}

/// What the environment says.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) disabled: bool,
    pub(crate) service_name: Option<String>,
    pub(crate) resource: Vec<(String, String)>,
    /// Whether a caller's trace is continued.
    pub(crate) continue_traces: bool,
    pub(crate) sampler: Sampler,
    pub(crate) legacy: Legacy,
    pub(crate) traces: Pipeline,
    pub(crate) logs: Pipeline,
    /// The level of the SDK's own log lines; `off`, since export failures are reported anyway.
    pub(crate) sdk_log_level: String,
    pub(crate) warnings: Vec<Warning>,
}

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether a caller's decision counts more than ours.
    pub(crate) parent_based: bool,
    /// The share of traces, from 0 to 1.
    pub(crate) ratio: f64,
}

/// Which older names go beside the stable ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Legacy {
    pub(crate) http: bool,
    pub(crate) database: bool,
}

/// How one signal leaves the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) exporter: Exporter,
    pub(crate) batch: Batch,
}

/// Where a signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exporter {
    /// Nowhere, for this reason.
    None(Silence),
    Console,
    Otlp(Otlp),
}

/// Why a signal is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    NoEndpoint,
    Chosen,
    /// There is a warning about it.
    EndpointUnusable,
}

/// A receiver of OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// With the signal's path, for HTTP.
    pub(crate) endpoint: String,
    pub(crate) protocol: Protocol,
    pub(crate) timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

/// The limits of a batch processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) queue: usize,
    pub(crate) size: usize,
    pub(crate) delay: Duration,
}

impl fmt::Display for Otlp {
    /// The endpoint, without its query, which may hold a key, and how it is spoken to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Http => "http/protobuf",
            Protocol::Grpc => "grpc",
        };
        let endpoint = self.endpoint.split('?').next().unwrap_or_default();
        write!(f, "{endpoint} ({protocol})")
    }
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub(crate) fn of_process() -> Self {
        // What is not UTF-8 is not what anybody meant: it is refused like any other mistake.
        Self::read(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// Reads an environment.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader::new(lookup);
        reader.mention_what_is_not_supported();
        let (traces, logs) = (reader.pipeline("TRACES", "BSP"), reader.pipeline("LOGS", "BLRP"));
        Self {
            disabled: reader.boolean("OTEL_SDK_DISABLED"),
            service_name: reader.text("OTEL_SERVICE_NAME"),
            resource: reader.resource(),
            continue_traces: reader.continue_traces(),
            sampler: reader.sampler(),
            legacy: reader.legacy(),
            traces,
            logs,
            sdk_log_level: reader.sdk_log_level(),
            warnings: reader.warnings,
        }
    }
}
