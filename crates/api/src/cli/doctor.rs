//! `doctor`: checks everything that the service needs, and advises how to correct it.
#![expect(clippy::print_stdout, reason = "commands report to a terminal")]

use std::{fmt, io::Write as _, path::PathBuf, process::ExitCode, time::Instant};

use registration_application::{
    desk::{RequestContext, probe::check_rights},
    error_chain,
};
use registration_domain::{Readiness as _, RepositoryError, Unavailability};
use registration_persistence::{Database, DatabaseUrl};
use registration_telemetry::{Probe, ProbeOutcome, Warning, probe};

use super::stores::{self, pool_options};
use crate::{
    clock,
    config::{Config, ConfigError},
    telemetry,
};

/// What was checked, the result, and how to correct it.
#[derive(Clone)]
struct Finding {
    subject: &'static str,
    result: CheckResult,
    found: String,
    advice: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckResult {
    Ok,
    Warning,
    Failed,
    Skipped,
}

impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        })
    }
}

impl Finding {
    fn new(subject: &'static str, result: CheckResult, found: impl Into<String>) -> Self {
        Self { subject, result, found: found.into(), advice: String::new() }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }
}

/// Checks everything and prints a table.
pub(super) fn doctor(config: &Config) -> ExitCode {
    let mut findings =
        vec![Finding::new("configuration", CheckResult::Ok, "every option is valid")];
    findings.extend(database(config));
    findings.push(temporary_files());
    findings.extend(exporters(config));
    print(&findings)
}

/// Reports an invalid configuration: nothing else can be checked with it.
pub(super) fn report_config_errors(errors: &[ConfigError]) -> ExitCode {
    let finding = |error: &ConfigError| {
        Finding::new("configuration", CheckResult::Failed, error.to_string())
            .advise("student-registration --help lists every option")
    };
    let mut findings: Vec<_> = errors.iter().map(finding).collect();
    for subject in
        ["database", "migrations", "durability", "pool", "office", "temporary", "traces", "logs"]
    {
        findings.push(Finding::new(subject, CheckResult::Skipped, "the configuration is invalid"));
    }
    print(&findings)
}

fn database(config: &Config) -> Vec<Finding> {
    let skipped =
        |subject| Finding::new(subject, CheckResult::Skipped, "the database is unavailable");
    let url = &config.database.url;
    let database = Database::open(url.clone(), pool_options(&config.database));
    let start = Instant::now();
    let found = database.check().and_then(|()| database.check_write_permission());
    let answers = || {
        let milliseconds = start.elapsed().as_millis();
        Finding::new(
            "database",
            CheckResult::Ok,
            format!("{url} answered within {milliseconds} ms"),
        )
    };
    let mut findings = match found {
        Ok(()) => {
            let migrated = Finding::new("migrations", CheckResult::Ok, "every table is up to date");
            let (durability, pool) = (durability(&database), pool(&database));
            vec![answers(), migrated, durability, pool, office(config, &database)]
        }
        Err(RepositoryError::Unavailable { reason: Unavailability::MigrationsPending, .. }) => {
            let pending =
                Finding::new("migrations", CheckResult::Failed, "the tables are out of date")
                    .advise("run student-registration migrate, or serve without --no-migrate");
            let (durability, pool) = (durability(&database), pool(&database));
            vec![answers(), pending, durability, pool, skipped("office")]
        }
        Err(error) => {
            let advice = match &error {
                RepositoryError::Unavailable {
                    reason: Unavailability::DatabaseNotWritable,
                    ..
                } => {
                    "free disk space, grant INSERT and the other rights in docs/operations.md, or point DATABASE_URL at the primary"
                }
                _ => "check that it runs, and check DATABASE_URL; migrate creates an SQLite file",
            };
            let found = format!("{url}: {}", error_chain(&error));
            let failed = Finding::new("database", CheckResult::Failed, found).advise(advice);
            let others = ["migrations", "durability", "pool", "office"].map(skipped);
            [failed].into_iter().chain(others).collect()
        }
    };
    findings.extend(files(url));
    findings
}

fn durability(database: &Database) -> Finding {
    match database.weak_settings() {
        Ok(weak) if weak.is_empty() => {
            Finding::new("durability", CheckResult::Ok, "every commit is on disk")
        }
        Ok(weak) => Finding::new("durability", CheckResult::Failed, weak.join("; ")).advise(
            "set it on the server: a power cut would lose registrations that were answered 201",
        ),
        Err(error) => Finding::new("durability", CheckResult::Failed, error_chain(&error)),
    }
}

/// The files of an SQLite database.
fn files(url: &DatabaseUrl) -> Vec<Finding> {
    let exposed = url.exposed_files();
    let finding = |(file, mode): &(PathBuf, u32)| {
        let file = file.display();
        let found = format!("{file} is open to other users of this machine (mode {mode:03o})");
        Finding::new("files", CheckResult::Warning, found).advise(format!("chmod 600 {file}"))
    };
    exposed.iter().map(finding).collect()
}

fn pool(database: &Database) -> Finding {
    match database.fill_pool() {
        Ok(count) => {
            Finding::new("pool", CheckResult::Ok, format!("{count} of {count} connections opened"))
        }
        Err(error) => Finding::new("pool", CheckResult::Failed, error_chain(&error))
            .advise("lower DATABASE_POOL_SIZE, or raise the server's max_connections"),
    }
}

/// The office's connections and rights.
fn office(config: &Config, database: &Database) -> Finding {
    let desk = stores::desk_stores(&config.database, database).store;
    let random = clock::random().map_err(|error| error.to_string());
    let checked = random.and_then(|random| {
        let context = RequestContext { now: clock::now(), random, trace_id: None };
        check_rights(&*desk, context).map_err(|error| error_chain(&error))
    });
    match checked {
        Ok(()) => Finding::new("office", CheckResult::Ok, "it may read and write what it needs"),
        Err(error) => Finding::new("office", CheckResult::Failed, error)
            .advise("grant the database user the rights in docs/operations.md"),
    }
}

/// An export to XLSX is written to a temporary file first.
fn temporary_files() -> Finding {
    let directory = std::env::temp_dir();
    let directory = directory.display();
    match tempfile::tempfile().and_then(|mut file| file.write_all(b"x")) {
        Ok(()) => Finding::new("temporary", CheckResult::Ok, format!("{directory} takes files")),
        Err(error) => {
            Finding::new("temporary", CheckResult::Failed, format!("{directory}: {error}"))
                .advise("make room there, or name another directory in TMPDIR: XLSX needs one")
        }
    }
}

fn exporters(config: &Config) -> Vec<Finding> {
    let (probes, warnings) = probe(&telemetry::settings(&config.telemetry));
    let ignored = |Warning { variable, reason }: Warning| {
        Finding::new("telemetry", CheckResult::Warning, format!("{variable} {reason}"))
            .advise("correct it or unset it; docs/telemetry.md lists its values")
    };
    let sent = |Probe { signal, destination, outcome }: Probe| match outcome {
        ProbeOutcome::Accepted => {
            Finding::new(signal, CheckResult::Ok, format!("{destination} accepted one"))
        }
        ProbeOutcome::NotExported(why) => {
            Finding::new(signal, CheckResult::Skipped, format!("not exported: {why}"))
        }
        ProbeOutcome::Failed(why) => Finding::new(
            signal,
            CheckResult::Failed,
            format!("{destination}: {why}"),
        )
        .advise(
            "check the endpoint, that the receiver runs there, and that it speaks that protocol",
        ),
    };
    warnings.into_iter().map(ignored).chain(probes.into_iter().map(sent)).collect()
}

/// Prints a table; fails if a check failed.
fn print(findings: &[Finding]) -> ExitCode {
    for Finding { subject, result, found, advice } in findings {
        println!("{subject:<13}  {result:<7}  {found}");
        if !advice.is_empty() {
            println!("{:<13}  {:<7}  -> {advice}", "", "");
        }
    }
    let failed = findings.iter().any(|finding| finding.result == CheckResult::Failed);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
