//! The exporters that speak OTLP, and the thread they need for gRPC.

use opentelemetry::Context;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, Protocol as OtlpProtocol, SpanExporter, WithExportConfig as _,
};
use tokio::runtime::{Builder, Runtime};

use crate::environment::{Environment, Exporter, Otlp, Protocol};

/// Targets of the log lines that exporting itself makes. To export those would make more of them.
pub(crate) const EXPORTING: [&str; 7] =
    ["opentelemetry", "hyper", "h2", "tonic", "tower", "reqwest", "mio"];

/// What gRPC connections live on, where a signal is exported over gRPC.
pub(crate) fn runtime(environment: &Environment) -> std::io::Result<Option<Runtime>> {
    let is_grpc = |exporter: &Exporter| match exporter {
        Exporter::Otlp(otlp) => otlp.protocol == Protocol::Grpc,
        Exporter::None | Exporter::Console => false,
    };
    if environment.disabled
        || ![&environment.traces, &environment.logs].iter().any(|signal| is_grpc(&signal.exporter))
    {
        return Ok(None);
    }
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("telemetry-grpc").enable_all();
    // Whatever this thread does is exporting: none of it is to be traced.
    builder.on_thread_start(|| std::mem::forget(Context::enter_telemetry_suppressed_scope()));
    builder.build().map(Some)
}

/// To be called within the [`runtime`], where there is one.
pub(crate) fn span_exporter(otlp: &Otlp) -> Result<SpanExporter, ExporterBuildError> {
    let builder = SpanExporter::builder();
    match otlp.protocol {
        Protocol::Http => builder
            .with_http()
            .with_protocol(OtlpProtocol::HttpBinary)
            .with_endpoint(&otlp.endpoint)
            .with_timeout(otlp.timeout)
            .build(),
        Protocol::Grpc => {
            builder.with_tonic().with_endpoint(&otlp.endpoint).with_timeout(otlp.timeout).build()
        }
    }
}

/// To be called within the [`runtime`], where there is one.
pub(crate) fn log_exporter(otlp: &Otlp) -> Result<LogExporter, ExporterBuildError> {
    let builder = LogExporter::builder();
    match otlp.protocol {
        Protocol::Http => builder
            .with_http()
            .with_protocol(OtlpProtocol::HttpBinary)
            .with_endpoint(&otlp.endpoint)
            .with_timeout(otlp.timeout)
            .build(),
        Protocol::Grpc => {
            builder.with_tonic().with_endpoint(&otlp.endpoint).with_timeout(otlp.timeout).build()
        }
    }
}
