//! The exporters that speak OTLP, and the thread on which they do.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use opentelemetry::Context;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, Protocol as OtlpProtocol, SpanExporter, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::error::OTelSdkResult;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    Warning,
    environment::{Environment, Exporter, Otlp, Protocol},
};

/// Targets of the log lines that exporting itself makes. To export those would make more of them.
pub(crate) const EXPORTING: [&str; 7] =
    ["opentelemetry", "hyper", "h2", "tonic", "tower", "reqwest", "mio"];

/// Whether a target is one of [`EXPORTING`].
pub(crate) fn is_exporting(target: &str) -> bool {
    EXPORTING.iter().any(|exporting| target.starts_with(exporting))
}

/// What connections to receivers live on, where anything is exported.
pub(crate) fn runtime(environment: &Environment) -> std::io::Result<Option<Runtime>> {
    let signals = [&environment.traces, &environment.logs];
    let exported = |exporter: &Exporter| matches!(exporter, Exporter::Otlp(_));
    if environment.disabled || !signals.iter().any(|signal| exported(&signal.exporter)) {
        return Ok(None);
    }
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("telemetry-export").enable_all();
    // Whatever this thread does is exporting: none of it is to be traced.
    builder.on_thread_start(|| std::mem::forget(Context::enter_telemetry_suppressed_scope()));
    builder.build().map(Some)
}

/// An exporter, and what it says of its last failure.
#[derive(Debug)]
pub(crate) struct Built<E> {
    pub(crate) exporter: E,
    pub(crate) failure: Failure,
}

/// To be called within the [`runtime`].
pub(crate) fn span_exporter(otlp: &Otlp) -> Result<Built<SpanExporter>, ExporterBuildError> {
    let (builder, failure) = (SpanExporter::builder(), Failure::default());
    let exporter = match otlp.protocol {
        Protocol::Http => over_http(builder.with_http(), otlp, &failure)?.build()?,
        Protocol::Grpc => to_receiver(builder.with_tonic(), otlp).build()?,
    };
    Ok(Built { exporter, failure })
}

/// To be called within the [`runtime`].
pub(crate) fn log_exporter(otlp: &Otlp) -> Result<Built<LogExporter>, ExporterBuildError> {
    let (builder, failure) = (LogExporter::builder(), Failure::default());
    let exporter = match otlp.protocol {
        Protocol::Http => over_http(builder.with_http(), otlp, &failure)?.build()?,
        Protocol::Grpc => to_receiver(builder.with_tonic(), otlp).build()?,
    };
    Ok(Built { exporter, failure })
}

fn to_receiver<B: WithExportConfig>(builder: B, otlp: &Otlp) -> B {
    builder.with_endpoint(&otlp.endpoint).with_timeout(otlp.timeout)
}

fn over_http<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    otlp: &Otlp,
    failure: &Failure,
) -> Result<B, ExporterBuildError> {
    let builder = builder.with_protocol(OtlpProtocol::HttpBinary);
    Ok(to_receiver(builder.with_http_client(Client::new(otlp, failure)?), otlp))
}

/// Why a request did not get through: the exporter itself says "network error", and no more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    fn set(&self, failure: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// A result, with what is known of its error.
    pub(crate) fn explain(&self, result: &OTelSdkResult) -> Result<(), String> {
        result.as_ref().copied().map_err(|error| {
            let failure = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            failure.unwrap_or_else(|| error.to_string())
        })
    }
}

/// Speaks HTTP to one receiver, and to nobody else: no redirect is followed, with its headers, to
/// another host, and no proxy is asked. The time-out bounds the whole exchange, the answer's body
/// included.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
    failure: Failure,
}

impl Client {
    fn new(otlp: &Otlp, failure: &Failure) -> Result<Self, ExporterBuildError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(otlp.timeout)
            .build()
            .map_err(|error| ExporterBuildError::InternalFailure(error.to_string()))?;
        Ok(Self { client, runtime: Handle::current(), failure: failure.clone() })
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move { client.send_bytes(request).await });
        let answer = sent.await?;
        self.failure.set(answer.as_ref().err().map(|error| causes(&**error)));
        answer
    }
}

/// An error's causes, from the first below it: its own text repeats the URL.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if causes.is_empty() { "the request cannot be sent".to_owned() } else { causes.join(": ") }
}

/// What is said where an exporter cannot be made. Its own words may repeat an endpoint that holds a
/// secret.
pub(crate) fn not_exported(signal: &str) -> Warning {
    Warning {
        variable: format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"),
        reason: "cannot be used: nothing is exported".to_owned(),
    }
}
