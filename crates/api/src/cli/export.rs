//! `export`: every student as a file, as the office exports it for programs.

use std::{
    error::Error,
    io::{self, IsTerminal as _, Write},
    path::Path,
    process::ExitCode,
    sync::{Arc, mpsc},
};

use registration_application::desk::{
    RequestContext,
    exports::{ExportQuery, ExportedStudent, Exports, GivenUp},
};
use registration_domain::{Actor, RosterFilter, Sort};
use tempfile::NamedTempFile;

use super::{fail, stores};
use crate::{
    clock,
    config::{Config, ExportArguments, ExportFormat},
    web::export::{Column, CsvFile, Failure, File, Style, XlsxFile},
};

type CommandResult<T> = Result<T, Box<dyn Error>>;

/// Runs the command on the configured database, migrated unless that is turned off.
pub(super) fn export(arguments: &ExportArguments, config: &Config) -> ExitCode {
    let run = || -> CommandResult<()> {
        stores::migrate(&config.database)?;
        let (office, _) = stores::office(config)?;
        let exports = Exports::new(office, Arc::new(stores::threads("desk-export")?));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        match &arguments.output {
            Some(path) => {
                let file = beside(path)?;
                runtime.block_on(run(&exports, arguments.format, file.reopen()?))?;
                file.as_file().sync_all()?;
                file.persist(path).map(drop).map_err(|error| in_file(path, &error.error))
            }
            None if arguments.format == ExportFormat::Xlsx && io::stdout().is_terminal() => {
                Err("an XLSX file is no text: name a file with --output".into())
            }
            None => runtime.block_on(run(&exports, arguments.format, io::stdout())),
        }
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

/// A file in the same folder, which takes the place of this one at the end, so that a partial file is never seen.
fn beside(path: &Path) -> CommandResult<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let created = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    created.map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &io::Error) -> Box<dyn Error> {
    format!("{}: {error}", path.display()).into()
}

async fn run(
    exports: &Exports,
    format: ExportFormat,
    output: impl Write + Send + 'static,
) -> CommandResult<()> {
    let name = match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
    };
    let style =
        Style { columns: Column::ALL.into(), text: None, is_guarded: true, delimiter: b',' };
    let query =
        ExportQuery { filter: RosterFilter::default(), sort: Sort::OldestFirst, format: name };
    let context = RequestContext { now: clock::now(), random: clock::random()?, trace_id: None };
    let begun = exports.begin(query, Actor::System, context).await??;
    let (failures, failure) = mpsc::channel();
    let ended = match format {
        ExportFormat::Csv => exports.run(begun, into(output, CsvFile::new(style), failures)).await,
        ExportFormat::Xlsx => {
            exports.run(begun, into(output, XlsxFile::new(style), failures)).await
        }
    };
    match ended? {
        Some(_) => Ok(()),
        None => Err(failure.recv()?.into()),
    }
}

/// Writes pages of students to the file, and what is ready to the output. Sends why it gives up.
fn into(
    mut output: impl Write + Send + 'static,
    mut file: impl File,
    failures: mpsc::Sender<Failure>,
) -> impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp> + Send + 'static {
    move |students| {
        let mut send = |part: bytes::Bytes| {
            output.write_all(&part).map_err(|error| Failure::NotWritten(error.into()))
        };
        let written = file.write(students.as_deref(), &mut send);
        let mut flush = || output.flush().map_err(|error| Failure::NotWritten(error.into()));
        written.and_then(|()| flush()).map_err(|failure| {
            let _ = failures.send(failure);
            GivenUp
        })
    }
}
