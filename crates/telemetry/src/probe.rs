//! Whether what is exported would arrive: one span and one log record, sent and waited for.

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
    Settings, Warning,
    environment::{Environment, Exporter, Otlp, Silence},
    otlp::{self, Built},
    resource,
};

/// What became of a signal's probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The signal is not exported, for this reason.
    NotExported(&'static str),
    /// The endpoint took it.
    Accepted,
    /// It did not arrive, for this reason.
    Failed(String),
}

/// The probe of one signal.
#[derive(Clone, Debug)]
pub struct Probe {
    /// `traces` or `logs`.
    pub signal: &'static str,
    /// Where it was sent; empty where it was not.
    pub destination: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Sends a span and a log record to the endpoints that the environment names, waiting for each as
/// long as its time-out says. Also returns what in the environment is not followed.
#[must_use]
pub fn probe(settings: &Settings) -> (Vec<Probe>, Vec<Warning>) {
    let environment = Environment::of_process();
    let resource = resource::of(&resource::attributes(settings, &environment));
    let runtime = otlp::runtime(&environment).ok().flatten();
    let _within = runtime.as_ref().map(tokio::runtime::Runtime::enter);
    let probes = vec![
        of_signal("traces", &environment, &environment.traces.exporter, |receiver| {
            let built = otlp::span_exporter(receiver).ok()?;
            send_span(built, resource.clone())
        }),
        of_signal("logs", &environment, &environment.logs.exporter, |receiver| {
            let built = otlp::log_exporter(receiver).ok()?;
            send_log(built, resource.clone())
        }),
    ];
    (probes, environment.warnings)
}

fn of_signal(
    signal: &'static str,
    environment: &Environment,
    exporter: &Exporter,
    send: impl FnOnce(&Otlp) -> Option<Answer>,
) -> Probe {
    let (destination, outcome) = match exporter {
        _ if environment.disabled => {
            (String::new(), Outcome::NotExported("OTEL_SDK_DISABLED is true"))
        }
        Exporter::None(Silence::NoEndpoint) => {
            (String::new(), Outcome::NotExported("no endpoint is set"))
        }
        Exporter::None(Silence::Chosen) => {
            (String::new(), Outcome::NotExported("its exporter is none"))
        }
        Exporter::None(Silence::EndpointUnusable) => {
            let why = "the endpoint cannot be used, as the warning says";
            ("not exported".to_owned(), Outcome::Failed(why.to_owned()))
        }
        Exporter::Console => (String::new(), Outcome::NotExported("it goes to standard output")),
        Exporter::Otlp(receiver) => {
            let outcome = match send(receiver) {
                Some(Ok(())) => Outcome::Accepted,
                Some(Err(error)) => Outcome::Failed(error),
                None => Outcome::Failed("the endpoint cannot be used".to_owned()),
            };
            (receiver.to_string(), outcome)
        }
    };
    Probe { signal, destination, outcome }
}

/// What a receiver said, or why it could not be asked.
type Answer = Result<(), String>;

const NAME: &str = "doctor";

fn send_span(built: Built<OtlpSpanExporter>, resource: Resource) -> Option<Answer> {
    let (sender, answer) = mpsc::channel();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::AlwaysOn)
        .with_simple_exporter(Answering { built, sender })
        .build();
    drop(provider.tracer(env!("CARGO_PKG_NAME")).start(NAME));
    answer.try_recv().ok()
}

fn send_log(built: Built<OtlpLogExporter>, resource: Resource) -> Option<Answer> {
    let (sender, answer) = mpsc::channel();
    let provider = SdkLoggerProvider::builder()
        .with_resource(resource)
        .with_simple_exporter(Answering { built, sender })
        .build();
    let logger = provider.logger(env!("CARGO_PKG_NAME"));
    let mut record = logger.create_log_record();
    record.set_severity_number(Severity::Info);
    record.set_severity_text("INFO");
    record.set_body(NAME.into());
    logger.emit(record);
    answer.try_recv().ok()
}

/// An exporter that passes on what its receiver answered.
#[derive(Debug)]
struct Answering<E> {
    built: Built<E>,
    sender: Sender<Answer>,
}

impl SpanExporter for Answering<OtlpSpanExporter> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.built.exporter.export(batch).await;
        let _ = self.sender.send(self.built.failure.explain(&result));
        result
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.built.exporter.set_resource(resource);
    }
}

impl LogExporter for Answering<OtlpLogExporter> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let result = self.built.exporter.export(batch).await;
        let _ = self.sender.send(self.built.failure.explain(&result));
        result
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.built.exporter.set_resource(resource);
    }
}
