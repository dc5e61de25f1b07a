//! The span processor: a bounded queue that counts what it drops.

use std::{sync::Arc, time::Duration};

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as OtlpExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};

use super::{console::ConsoleExporter, size};
use crate::{
    environment::{BatchLimits, SemconvCompat},
    export_queue::QueueBudget,
    otlp::ExporterWithCause,
    semconv_compat,
};

/// Where spans are exported to.
#[derive(Debug)]
pub(super) enum Destination {
    Otlp(Box<ExporterWithCause<OtlpExporter>>),
    Console(ConsoleExporter),
}

/// Passes sampled spans to the SDK's batch processor while the budget lasts.
#[derive(Debug)]
pub(super) struct SpanQueue {
    budget: Arc<QueueBudget>,
    batches: BatchSpanProcessor,
}

impl SpanQueue {
    pub(super) fn new(
        destination: Destination,
        budget: Arc<QueueBudget>,
        compat: SemconvCompat,
        limits: BatchLimits,
    ) -> Self {
        let exporter = BudgetedSpanExporter { budget: Arc::clone(&budget), compat, destination };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(limits.queue_capacity)
            .with_max_export_batch_size(limits.batch_size)
            .with_scheduled_delay(limits.delay)
            .build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        Self { budget, batches }
    }
}

impl SpanProcessor for SpanQueue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        size::shorten_texts(&mut span);
        if self.budget.try_acquire(size::size(&span)) {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Adds older attribute names, exports a batch and releases its budget.
#[derive(Debug)]
struct BudgetedSpanExporter {
    budget: Arc<QueueBudget>,
    compat: SemconvCompat,
    destination: Destination,
}

impl SpanExporter for BudgetedSpanExporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        let (count, bytes) = (batch.len(), batch.iter().map(size::size).sum());
        for span in &mut batch {
            semconv_compat::add_names(span, self.compat);
        }
        let (result, explained) = match &self.destination {
            Destination::Otlp(exporter) => {
                let result = exporter.inner.export(batch).await;
                let explained = exporter.cause.explain(&result);
                (result, explained)
            }
            Destination::Console(console) => {
                let result = console.export(batch).await;
                let explained = result.as_ref().copied().map_err(ToString::to_string);
                (result, explained)
            }
        };
        self.budget.release(count, bytes);
        self.budget.record_result(count, explained);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        match &self.destination {
            Destination::Otlp(exporter) => exporter.inner.shutdown_with_timeout(timeout),
            Destination::Console(_) => Ok(()),
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Destination::Otlp(exporter) = &mut self.destination {
            exporter.inner.set_resource(resource);
        }
    }
}
