//! Tests the export: sends one span and one log record and waits for the answers.

use std::sync::mpsc::{self, Sender};

use opentelemetry::{
    logs::{LogRecord as _, Logger as _, LoggerProvider as _, Severity},
    trace::{Tracer as _, TracerProvider as _},
};
use opentelemetry_otlp::{LogExporter as OtlpLogExporter, SpanExporter as OtlpSpanExporter};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter, SdkLoggerProvider},
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

use crate::{
    environment::{DisabledReason, Environment, Exporter, OtlpEndpoint, Warning},
    otlp::{self, ExporterWithCause},
    resource,
    settings::Settings,
};

/// The result of a signal's probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The signal is not exported, with the reason.
    NotExported(&'static str),
    /// The endpoint accepted the item.
    Accepted,
    /// The export failed, with the reason.
    Failed(String),
}

/// The probe of one signal.
#[derive(Clone, Debug)]
pub struct Probe {
    /// `traces` or `logs`.
    pub signal: &'static str,
    /// The endpoint and its protocol; empty if nothing was sent.
    pub destination: String,
    /// The result.
    pub outcome: ProbeOutcome,
}

/// Sends a span and a log record to the endpoints that the environment sets, and waits for each at most
/// its time-out. Also returns the environment's warnings.
#[must_use]
pub fn probe(settings: &Settings) -> (Vec<Probe>, Vec<Warning>) {
    let environment = Environment::of_process();
    let resource = resource::of(&resource::attributes(settings, &environment));
    let runtime = otlp::runtime(&environment).ok().flatten();
    let _within = runtime.as_ref().map(tokio::runtime::Runtime::enter);
    let probes = vec![
        probe_signal("traces", &environment, &environment.traces.exporter, |endpoint| {
            send_span(otlp::span_exporter(endpoint).ok()?, resource.clone())
        }),
        probe_signal("logs", &environment, &environment.logs.exporter, |endpoint| {
            send_log(otlp::log_exporter(endpoint).ok()?, resource.clone())
        }),
    ];
    (probes, environment.warnings)
}

fn probe_signal(
    signal: &'static str,
    environment: &Environment,
    exporter: &Exporter,
    send: impl FnOnce(&OtlpEndpoint) -> Option<ExportResult>,
) -> Probe {
    let not_exported = |reason| (String::new(), ProbeOutcome::NotExported(reason));
    let (destination, outcome) = match exporter {
        _ if environment.disabled => not_exported("OTEL_SDK_DISABLED is true"),
        Exporter::Console => not_exported("it goes to standard output"),
        Exporter::Disabled(DisabledReason::NoEndpoint) => not_exported("no endpoint is set"),
        Exporter::Disabled(DisabledReason::ExporterIsNone) => not_exported("its exporter is none"),
        Exporter::Disabled(DisabledReason::UnusableEndpoint) => {
            let reason = "the endpoint cannot be used, as the warning says";
            ("not exported".to_owned(), ProbeOutcome::Failed(reason.to_owned()))
        }
        Exporter::Otlp(endpoint) => {
            let outcome = match send(endpoint) {
                Some(Ok(())) => ProbeOutcome::Accepted,
                Some(Err(error)) => ProbeOutcome::Failed(error),
                None => ProbeOutcome::Failed("the endpoint cannot be used".to_owned()),
            };
            (endpoint.to_string(), outcome)
        }
    };
    Probe { signal, destination, outcome }
}

/// The collector's answer, or why there is none.
type ExportResult = Result<(), String>;

/// The name of the span and the body of the log record.
const NAME: &str = "doctor";

fn send_span(
    exporter: ExporterWithCause<OtlpSpanExporter>,
    resource: Resource,
) -> Option<ExportResult> {
    let (sender, result) = mpsc::channel();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::AlwaysOn)
        .with_simple_exporter(ReportingExporter { exporter, sender })
        .build();
    drop(provider.tracer(env!("CARGO_PKG_NAME")).start(NAME));
    result.try_recv().ok()
}

fn send_log(
    exporter: ExporterWithCause<OtlpLogExporter>,
    resource: Resource,
) -> Option<ExportResult> {
    let (sender, result) = mpsc::channel();
    let provider = SdkLoggerProvider::builder()
        .with_resource(resource)
        .with_simple_exporter(ReportingExporter { exporter, sender })
        .build();
    let logger = provider.logger(env!("CARGO_PKG_NAME"));
    let mut record = logger.create_log_record();
    record.set_severity_number(Severity::Info);
    record.set_severity_text("INFO");
    record.set_body(NAME.into());
    logger.emit(record);
    result.try_recv().ok()
}

/// Passes the result of each export on.
#[derive(Debug)]
struct ReportingExporter<E> {
    exporter: ExporterWithCause<E>,
    sender: Sender<ExportResult>,
}

impl SpanExporter for ReportingExporter<OtlpSpanExporter> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.inner.export(batch).await;
        let _ = self.sender.send(self.exporter.cause.explain(&result));
        result
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.inner.set_resource(resource);
    }
}

impl LogExporter for ReportingExporter<OtlpLogExporter> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let result = self.exporter.inner.export(batch).await;
        let _ = self.sender.send(self.exporter.cause.explain(&result));
        result
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.inner.set_resource(resource);
    }
}
