//! Log records: lines on standard output, and the same records over OTLP.

mod filter;
mod queue;
mod record;
mod render;
mod stdout;

use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
    time::SystemTime,
};

use opentelemetry::logs::{Logger as _, LoggerProvider as _};
use opentelemetry_sdk::{
    Resource,
    logs::{SdkLogger, SdkLoggerProvider},
};
use serde_json::value::RawValue;
use tracing::{Event, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::LevelFilter,
    layer::{Context, Filter},
    registry::LookupSpan,
};

pub use self::filter::{FilterError, check_filter};
pub(crate) use self::stdout::{LineQueue, Stdout};
use self::{filter::parse_filter, queue::LogQueue, record::Record};
use crate::{
    environment::{Environment, Exporter, Warning},
    export_queue::QueueBudget,
    otlp::{self, EXPORT_TARGETS},
    settings::{LogFormat, Settings},
};

/// The provider and the budget of its queue; `None` if log records are not exported over OTLP. The
/// exporter `console` needs no provider: log lines go to standard output in any case.
pub(crate) fn provider(
    environment: &Environment,
    resource: Resource,
    warnings: &mut Vec<Warning>,
) -> Option<(SdkLoggerProvider, Arc<QueueBudget>)> {
    let Exporter::Otlp(endpoint) = &environment.logs.exporter else { return None };
    let Ok(exporter) = otlp::log_exporter(endpoint) else {
        warnings.push(otlp::unusable_endpoint("LOGS"));
        return None;
    };
    let queue = LogQueue::new(exporter, endpoint.to_string(), environment.logs.batch);
    let budget = queue.budget();
    let provider =
        SdkLoggerProvider::builder().with_resource(resource).with_log_processor(queue).build();
    Some((provider, budget))
}

/// The layer that writes and exports log records.
pub(crate) fn layer<S>(
    settings: &Settings,
    environment: &Environment,
    resource: &[(String, String)],
    lines: LineQueue,
    exported: Option<&SdkLoggerProvider>,
) -> Result<impl Layer<S> + use<S>, FilterError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    Ok(LogRecords {
        filter: event_filter(&environment.sdk_log_level, &settings.log_filter)?,
        format: settings.log_format,
        colours: io::stdout().is_terminal(),
        resource: render::resource(resource),
        lines,
        exported: exported.map(|provider| provider.logger(env!("CARGO_PKG_NAME"))),
    })
}

/// The filter that `log_filter` describes.
fn event_filter(sdk_log_level: &str, log_filter: &str) -> Result<EnvFilter, FilterError> {
    // Libraries that exporting uses log nothing unless the filter names them: their lines are many, and
    // contain the headers of requests to the collector.
    let level = |target: &str| match target {
        "opentelemetry" => format!("opentelemetry={sdk_log_level}"),
        other => format!("{other}=off"),
    };
    let defaults = EXPORT_TARGETS.map(level).join(",");
    parse_filter(&format!("{defaults},{log_filter}"))
}

/// Converts each event to a record, writes it and exports it. Filters by itself: a per-layer filter
/// would be asked about each span as well, whenever it is entered or left.
struct LogRecords {
    filter: EnvFilter,
    format: LogFormat,
    colours: bool,
    resource: Box<RawValue>,
    lines: LineQueue,
    exported: Option<SdkLogger>,
}

impl<S: Subscriber> Layer<S> for LogRecords {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Other layers read spans, and the events of exporting.
        let is_read_here_alone = metadata.is_event() && !otlp::is_export_target(metadata.target());
        match is_read_here_alone {
            true => Filter::<S>::callsite_enabled(&self.filter, metadata),
            false => Interest::always(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.filter)
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !Filter::<S>::enabled(&self.filter, event.metadata(), &context) {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "an event has no time of its own")]
        let record = Record::new(event, SystemTime::now());
        let line = match self.format {
            LogFormat::Json => render::json(&record, &self.resource),
            LogFormat::Pretty => render::pretty(&record, self.colours),
        };
        self.lines.write(&line);

        if let Some(logger) = &self.exported
            && !otlp::is_export_target(&record.target)
        {
            let mut exported = logger.create_log_record();
            record.export(&mut exported);
            logger.emit(exported);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_below_the_level_of_the_filter_are_not_looked_at() {
        for (log_filter, level) in
            [("info", LevelFilter::INFO), ("warn,a=debug", LevelFilter::DEBUG)]
        {
            let filter = event_filter("error", log_filter).unwrap();
            assert_eq!(filter.max_level_hint(), Some(level));
        }
    }
}
