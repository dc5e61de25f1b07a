//! `import`: students from a file, planned by the same planner as in the office.
#![expect(clippy::print_stdout, reason = "commands report to a terminal")]

use std::{error::Error, fs, io, process::ExitCode};

use registration_application::desk::{
    RequestContext,
    imports::{ImportCounts, ImportView, Imports, NewImport},
    jobs::Arrivals,
};
use registration_domain::{
    Actor, ImportChoices, ImportRowQuery, ImportState, OperationId, Verdict,
};
use serde_json::json;

use super::{fail, stores};
use crate::{
    clock,
    config::{Config, ImportArguments},
    i18n::Language,
    web::desk_metrics::observe,
};

type CommandResult<T> = Result<T, Box<dyn Error>>;

/// Rows that are listed of those that are left out.
const LISTED: usize = 100;

/// Runs the command on the configured database, migrated unless that is turned off.
pub(super) fn import(arguments: &ImportArguments, config: &Config) -> ExitCode {
    let run = || -> CommandResult<()> {
        stores::migrate(&config.database)?;
        let imports = open(config)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(&imports, arguments))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

fn open(config: &Config) -> io::Result<Imports> {
    let (office, keeper) = stores::office(config)?;
    let threads = stores::threads("desk-import")?;
    let (clock, random) = (clock::now as fn() -> _, || clock::random().ok());
    Ok(Imports::new(office, keeper, threads, Arrivals::default(), (clock, random), observe))
}

async fn run(imports: &Imports, arguments: &ImportArguments) -> CommandResult<()> {
    let ImportArguments { file, dry_run, json, .. } = arguments;
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let choices = ImportChoices {
        update_existing: false,
        overwrite_changed: arguments.overwrite_changed,
        all_or_nothing: arguments.all_or_nothing,
    };
    let new = NewImport {
        file_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        file: bytes,
        update_existing: arguments.update_existing.then_some(true),
        choices,
        is_confirmed: false,
    };
    let context = RequestContext { now: clock::now(), random: clock::random()?, trace_id: None };
    let uploaded = imports.upload(new, Actor::System, context).await?;
    let id = uploaded.map_err(|unreadable| format!("the file cannot be read: {unreadable}"))?.id;
    imports.work_through(id).await?;
    let mut view = find(imports, id).await?;
    let is_planned = view.import.state == ImportState::Planned;
    if is_planned && !*dry_run {
        let context =
            RequestContext { now: clock::now(), random: clock::random()?, trace_id: None };
        if let Err(error) = imports.run(id, Actor::System, context).await? {
            let _ = imports.cancel(id).await?;
            return Err(error.into());
        }
        imports.work_through(id).await?;
        view = find(imports, id).await?;
        if view.import.state != ImportState::Done {
            let _ = imports.cancel(id).await?;
            return Err(
                "what is stored has changed since the file was read: nothing was stored".into()
            );
        }
    } else {
        imports.cancel(id).await??;
    }
    if !is_planned {
        return Err(not_planned(&view).into());
    }
    if *json {
        report_json(&view);
        return Ok(());
    }
    report(imports, &view, *dry_run).await
}

async fn find(imports: &Imports, id: OperationId) -> CommandResult<ImportView> {
    Ok(imports.find(id).await?.ok_or("the import was deleted")?)
}

fn not_planned(view: &ImportView) -> String {
    match view.import.problem {
        Some(problem) => format!("the file cannot be read: {problem}"),
        None => {
            "how the file is read is not certain: upload it in the office, or save it in UTF-8 \
                 with the headings first_name, last_name and email"
                .to_owned()
        }
    }
}

fn report_json(view: &ImportView) {
    let count = |verdict: Verdict| (verdict.as_str().to_owned(), view.counts.of_verdict(verdict));
    let counts: std::collections::BTreeMap<_, _> = Verdict::ALL.map(count).into();
    let report = json!({
        "id": view.import.id.to_string(),
        "state": view.import.state.as_str(),
        "counts": counts,
        "created": view.import.created,
        "updated": view.import.updated,
        "changed_since": view.counts.changed_since,
    });
    println!("{report}");
}

async fn report(imports: &Imports, view: &ImportView, dry_run: bool) -> CommandResult<()> {
    let messages = Language::ALL[0].messages();
    let text = &messages.desk.imports;
    let query = ImportRowQuery { is_left_out: true, limit: LISTED, ..ImportRowQuery::default() };
    for row in imports.rows(view.import.id, query).await? {
        println!("line {}: {}", row.row.line, text.why_left_out(&row, messages));
    }
    match dry_run {
        true => println!("{}; nothing was stored", planned(&view.counts)),
        false => println!("{}", stored(view)),
    }
    Ok(())
}

fn planned(counts: &ImportCounts) -> String {
    let count = |verdict: Verdict| {
        format!("{} {}", counts.of_verdict(verdict), verdict.as_str().replace('_', " "))
    };
    Verdict::ALL.map(count).join(", ")
}

fn stored(view: &ImportView) -> String {
    let left_out = view.counts.left_out();
    format!("{} created, {} updated, {left_out} left out", view.import.created, view.import.updated)
}
