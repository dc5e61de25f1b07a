//! The `doctor` command: looks at everything that the service needs, and says what to do about it.
#![expect(clippy::print_stdout, reason = "commands talk to a terminal")]

use std::{fmt, process::ExitCode, time::Instant};

use registration_domain::{RepositoryError, Unavailability};
use registration_persistence::Database;
use registration_telemetry::{Probe, ProbeOutcome, Warning, probe};

use crate::{
    chain::chain,
    commands::telemetry_settings,
    config::{Config, Mistake},
};

/// What was looked at, what was found, and what to do about it.
struct Finding {
    subject: &'static str,
    verdict: Verdict,
    found: String,
    advice: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warning,
    Failed,
    Skipped,
}

impl fmt::Display for Verdict {
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
    fn new(subject: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { subject, verdict, found: found.into(), advice: String::new() }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }
}

/// Looks at everything.
pub(crate) fn examine(config: &Config) -> ExitCode {
    let mut findings = vec![Finding::new("configuration", Verdict::Ok, "every option can be used")];
    findings.extend(database(config));
    findings.extend(telemetry(config));
    print(&findings)
}

/// Reports a configuration with which there is nothing to look at.
pub(crate) fn refuse(mistakes: &[Mistake]) -> ExitCode {
    let mistake = |mistake: &Mistake| {
        Finding::new("configuration", Verdict::Failed, mistake.to_string())
            .advise("student-registration --help lists every option")
    };
    let mut findings: Vec<_> = mistakes.iter().map(mistake).collect();
    for subject in ["database", "migrations", "pool", "traces", "logs"] {
        findings.push(Finding::new(subject, Verdict::Skipped, "the configuration comes first"));
    }
    print(&findings)
}

fn database(config: &Config) -> Vec<Finding> {
    let skipped = |subject| Finding::new(subject, Verdict::Skipped, "the database comes first");
    let url = &config.database_url;
    let database = Database::open(url.clone(), config.pool);
    let begun = Instant::now();
    let found = database.check_readiness().and_then(|()| database.try_write());
    let answers = || {
        let milliseconds = begun.elapsed().as_millis();
        Finding::new("database", Verdict::Ok, format!("{url} answered within {milliseconds} ms"))
    };
    match found {
        Ok(()) => {
            let migrated = Finding::new("migrations", Verdict::Ok, "every table is up to date");
            vec![answers(), migrated, pool(&database)]
        }
        Err(RepositoryError::Unavailable { reason: Unavailability::MigrationsPending, .. }) => {
            let pending = Finding::new("migrations", Verdict::Failed, "the tables are out of date")
                .advise("run student-registration migrate, or serve without --no-migrate");
            vec![answers(), pending, pool(&database)]
        }
        Err(error) => {
            let advice = match &error {
                RepositoryError::Unavailable {
                    reason: Unavailability::DatabaseNotWritable,
                    ..
                } => {
                    "free disk space, grant INSERT and the other rights in docs/operations.md, or point DATABASE_URL at the primary"
                }
                _ => "check that it runs and what DATABASE_URL says; migrate makes an SQLite file",
            };
            let found = format!("{url}: {}", chain(&error));
            let failed = Finding::new("database", Verdict::Failed, found).advise(advice);
            vec![failed, skipped("migrations"), skipped("pool")]
        }
    }
}

fn pool(database: &Database) -> Finding {
    match database.fill_pool() {
        Ok(count) => {
            Finding::new("pool", Verdict::Ok, format!("{count} of {count} connections opened"))
        }
        Err(error) => Finding::new("pool", Verdict::Failed, chain(&error))
            .advise("lower DATABASE_POOL_SIZE, or raise what the server allows (max_connections)"),
    }
}

fn telemetry(config: &Config) -> Vec<Finding> {
    let (probes, warnings) = probe(&telemetry_settings(config));
    let ignored = |Warning { variable, reason }: Warning| {
        Finding::new("telemetry", Verdict::Warning, format!("{variable} {reason}"))
            .advise("correct it or unset it; docs/telemetry.md says what it takes")
    };
    let sent = |Probe { signal, destination, outcome }: Probe| match outcome {
        ProbeOutcome::Accepted => {
            Finding::new(signal, Verdict::Ok, format!("{destination} took one"))
        }
        ProbeOutcome::NotExported(why) => {
            Finding::new(signal, Verdict::Skipped, format!("not exported: {why}"))
        }
        ProbeOutcome::Failed(why) => Finding::new(
            signal,
            Verdict::Failed,
            format!("{destination}: {why}"),
        )
        .advise(
            "check the endpoint, that the receiver runs there, and that it speaks that protocol",
        ),
    };
    warnings.into_iter().map(ignored).chain(probes.into_iter().map(sent)).collect()
}

/// Prints a table; fails if a finding did.
fn print(findings: &[Finding]) -> ExitCode {
    for Finding { subject, verdict, found, advice } in findings {
        println!("{subject:<13}  {verdict:<7}  {found}");
        if !advice.is_empty() {
            println!("{:<13}  {:<7}  -> {advice}", "", "");
        }
    }
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Failed);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
