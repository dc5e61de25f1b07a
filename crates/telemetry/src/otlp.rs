//! The OTLP exporters, and the runtime that their connections need.

use std::{error::Error, sync::Arc};

use opentelemetry::Context;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, Protocol as OtlpProtocol, SpanExporter, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::error::OTelSdkResult;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::environment::{Environment, Exporter, OtlpEndpoint, Protocol, Warning};

/// Prefixes of the targets that libraries of the exporters log under. Exporting these lines or spans would
/// cause more of them.
pub(crate) const EXPORT_TARGETS: [&str; 7] =
    ["opentelemetry", "hyper", "h2", "tonic", "tower", "reqwest", "mio"];

/// Whether a target is one of [`EXPORT_TARGETS`].
pub(crate) fn is_export_target(target: &str) -> bool {
    EXPORT_TARGETS.iter().any(|prefix| target.starts_with(prefix))
}

/// A runtime of one thread for connections to collectors; `None` if nothing is exported over OTLP.
pub(crate) fn runtime(environment: &Environment) -> std::io::Result<Option<Runtime>> {
    let signals = [&environment.traces, &environment.logs];
    let is_exported = |exporter: &Exporter| matches!(exporter, Exporter::Otlp(_));
    if environment.disabled || !signals.iter().any(|signal| is_exported(&signal.exporter)) {
        return Ok(None);
    }
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("telemetry-export").enable_all();
    // Spans of this thread belong to exports: suppress them for as long as it lives.
    builder.on_thread_start(|| std::mem::forget(Context::enter_telemetry_suppressed_scope()));
    builder.build().map(Some)
}

/// An exporter, and the cause of its last failure.
#[derive(Debug)]
pub(crate) struct ExporterWithCause<E> {
    pub(crate) inner: E,
    pub(crate) cause: FailureCause,
}

/// Makes an exporter of spans. Call it within the [`runtime`].
pub(crate) fn span_exporter(
    endpoint: &OtlpEndpoint,
) -> Result<ExporterWithCause<SpanExporter>, ExporterBuildError> {
    let (builder, cause) = (SpanExporter::builder(), FailureCause::default());
    let inner = match endpoint.protocol {
        Protocol::Http => over_http(builder.with_http(), endpoint, &cause)?.build()?,
        Protocol::Grpc => with_endpoint(builder.with_tonic(), endpoint).build()?,
    };
    Ok(ExporterWithCause { inner, cause })
}

/// Makes an exporter of log records. Call it within the [`runtime`].
pub(crate) fn log_exporter(
    endpoint: &OtlpEndpoint,
) -> Result<ExporterWithCause<LogExporter>, ExporterBuildError> {
    let (builder, cause) = (LogExporter::builder(), FailureCause::default());
    let inner = match endpoint.protocol {
        Protocol::Http => over_http(builder.with_http(), endpoint, &cause)?.build()?,
        Protocol::Grpc => with_endpoint(builder.with_tonic(), endpoint).build()?,
    };
    Ok(ExporterWithCause { inner, cause })
}

fn with_endpoint<B: WithExportConfig>(builder: B, endpoint: &OtlpEndpoint) -> B {
    builder.with_endpoint(&endpoint.url).with_timeout(endpoint.timeout)
}

fn over_http<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    endpoint: &OtlpEndpoint,
    cause: &FailureCause,
) -> Result<B, ExporterBuildError> {
    let builder = builder.with_protocol(OtlpProtocol::HttpBinary);
    Ok(with_endpoint(builder.with_http_client(OtlpHttpClient::new(endpoint, cause)?), endpoint))
}

/// Why the last HTTP request failed. The exporter's own error says only "network error".
#[derive(Clone, Debug, Default)]
pub(crate) struct FailureCause(Arc<Mutex<Option<String>>>);

impl FailureCause {
    /// Replaces an export's error with its cause, where that is known.
    pub(crate) fn explain(&self, result: &OTelSdkResult) -> Result<(), String> {
        let cause = |error: &dyn Error| self.0.lock().clone().unwrap_or_else(|| error.to_string());
        result.as_ref().copied().map_err(|error| cause(error))
    }
}

/// An HTTP client for one collector. It follows no redirect, which could send the headers to another
/// host, and uses no proxy. The time-out covers the whole exchange, the response's body included.
#[derive(Debug)]
struct OtlpHttpClient {
    client: reqwest::Client,
    runtime: Handle,
    cause: FailureCause,
}

impl OtlpHttpClient {
    fn new(endpoint: &OtlpEndpoint, cause: &FailureCause) -> Result<Self, ExporterBuildError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(endpoint.timeout)
            .build()
            .map_err(|error| ExporterBuildError::InternalFailure(error.to_string()))?;
        Ok(Self { client, runtime: Handle::current(), cause: cause.clone() })
    }
}

#[async_trait::async_trait]
impl HttpClient for OtlpHttpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move { client.send_bytes(request).await });
        let response = sent.await?;
        *self.cause.0.lock() = response.as_ref().err().map(|error| source_chain(&**error));
        response
    }
}

/// The sources of an error, without its own text, which contains the URL.
fn source_chain(error: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    let sources: Vec<_> = sources.map(ToString::to_string).collect();
    if sources.is_empty() { "the request cannot be sent".to_owned() } else { sources.join(": ") }
}

/// The warning for an endpoint from which no exporter can be made. Leaves out the exporter's error, which
/// may contain the URL and thus a secret.
pub(crate) fn unusable_endpoint(signal: &str) -> Warning {
    Warning {
        variable: format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"),
        reason: "cannot be used: nothing is exported".to_owned(),
    }
}
