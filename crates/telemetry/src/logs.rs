//! Log lines on standard output, written off the threads that log, and the same records over OTLP.

mod queue;
mod record;

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Write as _},
    os::fd::AsFd as _,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use opentelemetry::logs::{Logger as _, LoggerProvider as _};
use opentelemetry_sdk::{
    Resource,
    logs::{SdkLogger, SdkLoggerProvider},
};
use tracing::{Event, Metadata, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt as _, filter_fn},
    layer::Context,
    registry::LookupSpan,
};

use self::{queue::Queue, record::Record};
use crate::{
    Settings, Warning,
    accounts::Account,
    environment::{Environment, Exporter},
    otlp::{self, EXPORTING},
};

/// How many lines wait at most while standard output is slow; further ones are dropped, so that
/// neither requests nor memory suffer.
const QUEUE: usize = 8_192;

/// How many bytes of lines are written at once, at most.
const BUFFER: usize = 64 * 1024;

/// How long lines are gathered before they are written, where others have been written just now.
const GATHERING: Duration = Duration::from_millis(1);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, with the field names of OpenTelemetry's log data model.
    Json,
    /// Text for people, in colour on a terminal.
    Pretty,
}

/// A text that is not a log filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It cannot be read.
    #[error("is not a log filter, as in info or warn,my_service=debug")]
    Syntax(#[from] tracing_subscriber::filter::ParseError),
    /// It names a span.
    #[error("filters lines by target and level, not by span")]
    Span,
}

/// Says whether [`crate::init`] would take this filter.
///
/// # Errors
///
/// It would not.
pub fn check_filter(filter: &str) -> Result<(), FilterError> {
    parse_filter(filter).map(drop)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, FilterError> {
    if filter.contains('[') {
        return Err(FilterError::Span);
    }
    Ok(EnvFilter::builder().parse(filter)?)
}

/// Standard output, written by a thread of its own.
pub(crate) struct Output {
    pub(crate) writer: NonBlocking,
    pub(crate) dropped: ErrorCounter,
    pub(crate) guard: WorkerGuard,
}

pub(crate) fn output() -> Output {
    let (writer, guard) = match io::stdout().as_fd().try_clone_to_owned() {
        Ok(stdout) => queue_before(Gathered(BufWriter::with_capacity(BUFFER, stdout.into()))),
        Err(_) => queue_before(io::stdout()),
    };
    Output { dropped: writer.error_counter(), writer, guard }
}

fn queue_before(output: impl io::Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().buffered_lines_limit(QUEUE).finish(output)
}

/// Standard output, written many lines at a time while there are many.
struct Gathered(BufWriter<File>);

impl io::Write for Gathered {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    /// The thread that writes comes to this when no line is left. Those who log need not wake it for
    /// each of the next.
    #[expect(clippy::disallowed_methods, reason = "nothing is waited for: lines gather meanwhile")]
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(GATHERING);
        Ok(())
    }
}

/// Makes the provider and its account, where log records are exported. To the console they go in any
/// case: those are the lines.
pub(crate) fn provider(
    environment: &Environment,
    resource: Resource,
    warnings: &mut Vec<Warning>,
) -> Option<(SdkLoggerProvider, Arc<Account>)> {
    let Exporter::Otlp(receiver) = &environment.logs.exporter else { return None };
    let Ok(built) = otlp::log_exporter(receiver) else {
        warnings.push(otlp::not_exported("LOGS"));
        return None;
    };
    let queue = Queue::new(built, receiver.to_string(), environment.logs.batch);
    let account = queue.account();
    let provider =
        SdkLoggerProvider::builder().with_resource(resource).with_log_processor(queue).build();
    Some((provider, account))
}

/// The layer that writes and exports log records.
pub(crate) fn layer<S>(
    settings: &Settings,
    environment: &Environment,
    resource: &[(String, String)],
    writer: NonBlocking,
    exported: Option<&SdkLoggerProvider>,
) -> Result<impl Layer<S> + use<S>, FilterError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    // What exporting logs is not worth a line unless a filter names it: it would bury the rest,
    // and show the headers that requests to the receiver carry.
    let level = |target: &str| match target {
        "opentelemetry" => format!("opentelemetry={}", environment.sdk_log_level),
        other => format!("{other}=off"),
    };
    let exporting = EXPORTING.map(level).join(",");
    let filter = parse_filter(&format!("{exporting},{}", settings.log_filter))?;
    let layer = LogRecords {
        format: settings.log_format,
        colours: io::stdout().is_terminal(),
        resource: record::resource(resource),
        writer,
        exported: exported.map(|provider| provider.logger(env!("CARGO_PKG_NAME"))),
    };
    // Lines know nothing of spans, which need not be made for their sake.
    let events = |metadata: &Metadata<'_>| metadata.is_event();
    Ok(layer.with_filter(filter.and(filter_fn(events))))
}

/// Makes a record of each event.
struct LogRecords {
    format: LogFormat,
    colours: bool,
    resource: Box<serde_json::value::RawValue>,
    writer: NonBlocking,
    exported: Option<SdkLogger>,
}

impl<S: Subscriber> Layer<S> for LogRecords {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        #[expect(clippy::disallowed_methods, reason = "a record is stamped when it is made")]
        let record = Record::new(event, SystemTime::now());
        let line = match self.format {
            LogFormat::Json => record.json(&self.resource),
            LogFormat::Pretty => record.pretty(self.colours),
        };
        // Fails when standard output is gone: then there is nobody to tell.
        let _ = self.writer.clone().write_all(&line);

        if let Some(logger) = &self.exported
            && !otlp::is_exporting(record.target())
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
    fn a_filter_that_could_do_nothing_is_refused() {
        assert!(check_filter("warn,my_service=debug").is_ok());
        assert!(matches!(check_filter("warn,,=x="), Err(FilterError::Syntax(_))));
        assert!(matches!(check_filter("[db_insert_student]=debug"), Err(FilterError::Span)));
    }
}
