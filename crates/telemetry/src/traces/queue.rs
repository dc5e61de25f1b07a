//! The way of a span from its end to its exporter: a bounded queue, whose losses are counted.

use std::{sync::Arc, time::Duration};

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as OtlpExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};

use super::console::Console;
use crate::{
    accounts::Account,
    environment::{Batch, Legacy},
    legacy,
    otlp::Built,
};

/// Where spans go.
#[derive(Debug)]
pub(crate) enum Destination {
    Otlp(Box<Built<OtlpExporter>>),
    Console(Console),
}

/// Lets in what there is room for.
#[derive(Debug)]
pub(crate) struct Queue {
    account: Arc<Account>,
    batches: BatchSpanProcessor,
}

impl Queue {
    pub(super) fn new(
        destination: Destination,
        account: Arc<Account>,
        legacy: Legacy,
        limits: Batch,
    ) -> Self {
        let exporter = CountedExporter { account: Arc::clone(&account), legacy, destination };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(limits.queue)
            .with_max_export_batch_size(limits.size)
            .with_scheduled_delay(limits.delay)
            .build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        Self { account, batches }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.account.admit() {
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

/// Names attributes as asked, exports, and tells the account.
#[derive(Debug)]
struct CountedExporter {
    account: Arc<Account>,
    legacy: Legacy,
    destination: Destination,
}

impl SpanExporter for CountedExporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        for span in &mut batch {
            legacy::add_names(span, self.legacy);
        }
        let (result, explained) = match &self.destination {
            Destination::Otlp(built) => {
                let result = built.exporter.export(batch).await;
                let explained = built.failure.explain(&result);
                (result, explained)
            }
            Destination::Console(console) => {
                let result = console.export(batch).await;
                let explained = result.as_ref().copied().map_err(ToString::to_string);
                (result, explained)
            }
        };
        self.account.settle(count, explained);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        match &self.destination {
            Destination::Otlp(built) => built.exporter.shutdown_with_timeout(timeout),
            Destination::Console(_) => Ok(()),
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Destination::Otlp(built) = &mut self.destination {
            built.exporter.set_resource(resource);
        }
    }
}
