//! The `OTEL_*` environment variables, read in one place. (The SDK itself reads its limits on a span's
//! attributes, events and links.)
//!
//! The SDK reads only some variables, and ignores unusable values silently. This module reads them by the
//! rules of the specification and passes the results to the SDK: an unusable value is a [`Warning`] and
//! the default, never an error. `OTEL_EXPORTER_OTLP_HEADERS`, which holds credentials, is checked but not
//! kept: the exporter reads it itself.

mod endpoint;
mod pipeline;
mod reader;
mod sampler;
mod signal;
#[cfg(test)]
mod tests;

use percent_encoding::percent_decode_str;

use self::reader::Reader;
pub use self::reader::Warning;
pub(crate) use self::{
    endpoint::{DisabledReason, OtlpEndpoint, Protocol},
    pipeline::{BatchLimits, Exporter, Pipeline},
    sampler::Sampler,
};

/// The telemetry configuration that the environment specifies.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) disabled: bool,
    pub(crate) service_name: Option<String>,
    /// Attributes of the resource.
    pub(crate) resource: Vec<(String, String)>,
    /// Whether a caller's trace is continued.
    pub(crate) continue_traces: bool,
    pub(crate) sampler: Sampler,
    pub(crate) semconv_compat: SemconvCompat,
    pub(crate) traces: Pipeline,
    pub(crate) logs: Pipeline,
    /// The level of the SDK's own log lines. Default `off`, since this crate logs export failures.
    pub(crate) sdk_log_level: String,
    pub(crate) warnings: Vec<Warning>,
}

/// Which older attribute names are added to the stable ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SemconvCompat {
    pub(crate) http: bool,
    pub(crate) database: bool,
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads OTEL_* variables")]
    pub(crate) fn of_process() -> Self {
        // Replaces invalid UTF-8, so that such a value is a warning like any other unusable one.
        Self::read(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// Reads an environment.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader::new(&lookup);
        warn_of_unsupported(&mut reader);
        Self {
            traces: Pipeline::read(&mut reader, signal::TRACES),
            logs: Pipeline::read(&mut reader, signal::LOGS),
            disabled: reader.boolean("OTEL_SDK_DISABLED"),
            service_name: reader.text("OTEL_SERVICE_NAME"),
            resource: read_resource(&mut reader),
            continue_traces: continues_traces(&mut reader),
            sampler: Sampler::read(&mut reader),
            semconv_compat: SemconvCompat::read(&mut reader),
            sdk_log_level: read_sdk_log_level(&mut reader),
            warnings: reader.warnings,
        }
    }
}

impl SemconvCompat {
    fn read(reader: &mut Reader<'_>) -> Self {
        let name = "OTEL_SEMCONV_STABILITY_OPT_IN";
        let mut compat = Self::default();
        for group in reader.list(name).unwrap_or_default() {
            match group.as_str() {
                "http/dup" => compat.http = true,
                "database/dup" => compat.database = true,
                // The stable names are always present.
                "http" | "database" | "" => {}
                other => {
                    let reason = format!("names {other:?}, which is not known: it is ignored");
                    reader.warn(name, reason);
                }
            }
        }
        compat
    }
}

fn warn_of_unsupported(reader: &mut Reader<'_>) {
    if reader.text("OTEL_CONFIG_FILE").is_some() {
        reader.warn("OTEL_CONFIG_FILE", "is not supported: the other variables are followed");
    }
    let metrics = reader.text("OTEL_METRICS_EXPORTER").map(|text| text.to_ascii_lowercase());
    if !matches!(metrics.as_deref(), None | Some("none" | "prometheus")) {
        reader.warn("OTEL_METRICS_EXPORTER", "is not supported: metrics are served at /metrics");
    }
}

fn read_resource(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let name = "OTEL_RESOURCE_ATTRIBUTES";
    let Some(text) = reader.text(name) else { return Vec::new() };
    let decode =
        |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        let key = decode(key).filter(|key| !key.is_empty())?;
        Some((key, decode(value)?))
    };
    // The specification discards the whole value if one pair is malformed.
    let pairs: Option<Vec<_>> = text.split(',').map(pair).collect();
    pairs.unwrap_or_else(|| {
        reader.warn(name, "is not a list as in key=value,key=value: it is ignored");
        Vec::new()
    })
}

/// Baggage is accepted without a warning, as part of the default, but nothing reads it.
fn continues_traces(reader: &mut Reader<'_>) -> bool {
    let name = "OTEL_PROPAGATORS";
    let Some(propagators) = reader.list(name) else { return true };
    for propagator in &propagators {
        if !["tracecontext", "baggage", "none"].contains(&propagator.as_str()) {
            let reason = format!("names {propagator:?}, which is not supported: tracecontext is");
            reader.warn(name, reason);
        }
    }
    propagators.iter().any(|propagator| propagator == "tracecontext")
}

fn read_sdk_log_level(reader: &mut Reader<'_>) -> String {
    let levels = ["off", "error", "warn", "info", "debug", "trace"].map(|level| (level, level));
    let variable = reader.first(["OTEL_LOG_LEVEL".to_owned()]);
    reader.choice(variable, &levels).unwrap_or("off").to_owned()
}
