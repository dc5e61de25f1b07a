//! Log lines on standard output, written off the threads that log.

mod record;

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::SystemTime,
};

use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, registry::LookupSpan};

use self::record::Record;
use crate::{InitError, Settings};

/// How many lines wait at most while standard output is slow; further ones are dropped, so that
/// neither requests nor memory suffer.
const QUEUE: usize = 8_192;

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
#[error("is not a log filter, as in info or warn,my_service=debug")]
pub struct FilterError(#[from] tracing_subscriber::filter::ParseError);

/// Says whether [`crate::init`] would take this filter.
///
/// # Errors
///
/// It would not.
pub fn check_filter(filter: &str) -> Result<(), FilterError> {
    parse_filter(filter).map(drop)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, FilterError> {
    Ok(EnvFilter::builder().parse(filter)?)
}

/// The layer that writes log lines, and what keeps its writer going.
pub(crate) fn layer<S>(
    settings: &Settings,
) -> Result<(impl Layer<S> + use<S>, WorkerGuard), InitError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = parse_filter(&settings.log_filter)?;
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(QUEUE).finish(io::stdout());
    let layer = LogLines {
        format: settings.log_format,
        colours: io::stdout().is_terminal(),
        service_name: settings.service_name.clone(),
        writer,
    };
    Ok((layer.with_filter(filter), guard))
}

/// Writes a line for each event.
struct LogLines {
    format: LogFormat,
    colours: bool,
    service_name: String,
    writer: NonBlocking,
}

impl<S: Subscriber> Layer<S> for LogLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        #[expect(clippy::disallowed_methods, reason = "a line is stamped when it is written")]
        let record = Record::new(event, SystemTime::now().into());
        let line = match self.format {
            LogFormat::Json => record.json(&self.service_name),
            LogFormat::Pretty => record.pretty(self.colours),
        };
        // Fails when standard output is gone: then there is nobody to tell.
        let _ = self.writer.clone().write_all(line.as_bytes());
    }
}
