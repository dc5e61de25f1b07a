//! The way of a log record to its exporter: a bounded queue, whose losses are counted.

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

use crate::{accounts::Account, environment::Batch, otlp::Built};

/// Lets in what there is room for.
#[derive(Debug)]
pub(crate) struct Queue {
    account: Arc<Account>,
    batches: BatchLogProcessor,
}

impl Queue {
    pub(super) fn new(built: Built<OtlpExporter>, name: String, limits: Batch) -> Self {
        let account = Arc::new(Account::new("logs", name, limits.queue));
        let exporter = CountedExporter { account: Arc::clone(&account), built };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(limits.queue)
            .with_max_export_batch_size(limits.size)
            .with_scheduled_delay(limits.delay)
            .build();
        let batches = BatchLogProcessor::builder(exporter).with_batch_config(config).build();
        Self { account, batches }
    }

    pub(super) fn account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }
}

impl LogProcessor for Queue {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.account.admit() {
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

/// Exports, and tells the account.
#[derive(Debug)]
struct CountedExporter {
    account: Arc<Account>,
    built: Built<OtlpExporter>,
}

impl LogExporter for CountedExporter {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let count = batch.iter().count();
        let result = self.built.exporter.export(batch).await;
        self.account.settle(count, self.built.failure.explain(&result));
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.built.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.built.exporter.set_resource(resource);
    }
}
