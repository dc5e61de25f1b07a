//! The log processor: a bounded queue that counts what it drops.

use std::{sync::Arc, time::Duration};

use opentelemetry::InstrumentationScope;
use opentelemetry_otlp::LogExporter as OtlpExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{
        BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, LogProcessor, SdkLogRecord,
    },
};

use super::record;
use crate::{environment::BatchLimits, export_queue::QueueBudget, otlp::ExporterWithCause};

/// Passes records to the SDK's batch processor while the budget lasts.
#[derive(Debug)]
pub(super) struct LogQueue {
    budget: Arc<QueueBudget>,
    batches: BatchLogProcessor,
}

impl LogQueue {
    pub(super) fn new(
        exporter: ExporterWithCause<OtlpExporter>,
        destination: String,
        limits: BatchLimits,
    ) -> Self {
        let budget = Arc::new(QueueBudget::new("logs", destination, limits.queue_capacity));
        let exporter = BudgetedLogExporter { budget: Arc::clone(&budget), exporter };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(limits.queue_capacity)
            .with_max_export_batch_size(limits.batch_size)
            .with_scheduled_delay(limits.delay)
            .build();
        let batches = BatchLogProcessor::builder(exporter).with_batch_config(config).build();
        Self { budget, batches }
    }

    pub(super) fn budget(&self) -> Arc<QueueBudget> {
        Arc::clone(&self.budget)
    }
}

impl LogProcessor for LogQueue {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.budget.try_acquire(record::size(record)) {
            self.batches.emit(record, scope);
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

/// Exports a batch and releases its budget.
#[derive(Debug)]
struct BudgetedLogExporter {
    budget: Arc<QueueBudget>,
    exporter: ExporterWithCause<OtlpExporter>,
}

impl LogExporter for BudgetedLogExporter {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let sizes = batch.iter().map(|(record, _)| record::size(record));
        let (count, bytes) = sizes.fold((0, 0), |(count, sum), size| (count + 1, sum + size));
        let result = self.exporter.inner.export(batch).await;
        self.budget.release(count, bytes);
        self.budget.record_result(count, self.exporter.cause.explain(&result));
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.inner.set_resource(resource);
    }
}
