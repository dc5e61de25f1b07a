//! Configuration: each group of options in a file of its own, with flag, environment variable, help
//! and value, and one check that reports every error at once.
//!
//! To add an option, add a field to the group's options and to its configuration, and a line to its
//! `check`. Then `make docs`.

mod checked;
mod database;
mod demo;
mod desk;
mod http;
mod listen;
mod registration;
mod secret;
mod telemetry;
mod values;

use std::{env, ffi::OsString, path::PathBuf};

use clap::{Arg, Args, CommandFactory, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub(crate) use self::{
    checked::ConfigError, database::DatabaseConfig, demo::DemoConfig, desk::DeskConfig,
    http::HttpConfig, listen::ListenConfig, registration::RegistrationConfig,
    telemetry::TelemetryConfig, values::Address,
};
use self::{
    checked::ConfigErrors, database::DatabaseOptions, demo::DemoOptions, desk::DeskOptions,
    http::HttpOptions, listen::ListenOptions, registration::RegistrationOptions,
    telemetry::TelemetryOptions,
};
use crate::version;

/// What `--help` says about the variables of OpenTelemetry.
const OPENTELEMETRY: &str = "\
Traces and logs are exported to OTEL_EXPORTER_OTLP_ENDPOINT, as in http://localhost:4318. \
The service honours this and the other variables of the OpenTelemetry environment \
(OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, ...): docs/telemetry.md lists them.";

/// Student registration: a web form and an API that store each applicant once, durably.
#[derive(Parser)]
#[command(name = "student-registration", version = version::LONG, max_term_width = 100)]
#[command(after_help = OPENTELEMETRY, after_long_help = OPENTELEMETRY)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

/// The commands of the program.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Serve the form and the API (the default)
    Serve,
    /// Apply pending database migrations, then exit
    Migrate,
    /// Ask the running service whether it is ready; exit 0 if so (for containers)
    Healthcheck,
    /// Invite people to the office; a link is printed with which each sets a password
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// Import students from a CSV or XLSX file
    Import(ImportArguments),
    /// Export every student as a CSV or XLSX file
    Export(ExportArguments),
    /// Check configuration, database, migrations, pool and telemetry; exit 0 if all is well
    Doctor,
}

/// What is imported, and how.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub(crate) struct ImportArguments {
    /// The file; its columns are recognised by their headings
    pub(crate) file: PathBuf,
    /// Say what each row would do, and store nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Change students who are registered (the default for a file with ids)
    #[arg(long)]
    pub(crate) update_existing: bool,
    /// Change also those who were changed since the file was exported
    #[arg(long)]
    pub(crate) overwrite_changed: bool,
    /// Store every row or none, of up to 1,000
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    /// Report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is exported, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub(crate) struct ExportArguments {
    /// How the file is written
    #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
    pub(crate) format: ExportFormat,
    /// The file, which is replaced once the new one is whole; otherwise standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How an exported file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Csv,
    Xlsx,
}

/// What is done with the people of the office.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum StaffCommand {
    /// Invite a person and print the link, which works for an hour
    Add {
        /// The address with which the person will sign in
        email: String,
        /// What the person may do: viewer, registrar or admin
        #[arg(long, value_name = "ROLE")]
        role: String,
    },
    /// List everyone
    List,
}

#[derive(Args)]
#[command(next_help_heading = "Options (each may be set by its environment variable)")]
struct Options {
    #[command(flatten)]
    listen: ListenOptions,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(flatten)]
    http: HttpOptions,
    #[command(flatten)]
    registration: RegistrationOptions,
    #[command(flatten)]
    desk: DeskOptions,
    #[command(flatten)]
    demo: DemoOptions,
    #[command(flatten)]
    telemetry: TelemetryOptions,
}

/// A valid configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: ListenConfig,
    pub(crate) database: DatabaseConfig,
    pub(crate) http: HttpConfig,
    pub(crate) registration: RegistrationConfig,
    pub(crate) desk: DeskConfig,
    pub(crate) demo: DemoConfig,
    pub(crate) telemetry: TelemetryConfig,
}

impl Arguments {
    /// The options of the command line and of the environment. Ends the program where they cannot be
    /// read, and for `--help` and `--version`.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let command = <Self as CommandFactory>::command().mut_args(without_empty_variable);
        let matches = command.get_matches_from(arguments);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command to run.
    pub(crate) fn requested_command(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// The configuration, or every error in it.
    pub(crate) fn validate(self) -> Result<Config, Vec<ConfigError>> {
        let command = <Self as CommandFactory>::command();
        let mut errors = ConfigErrors::new(&command);
        let Options { listen, database, http, registration, desk, demo, telemetry } = self.options;
        let config = Config {
            listen: listen.check(&mut errors),
            database: database.check(&mut errors),
            http: http.check(&mut errors),
            registration: registration.check(&mut errors),
            desk: desk.check(&mut errors),
            demo: demo.check(&mut errors),
            telemetry: telemetry.check(&mut errors),
        };
        errors.into_result(config)
    }
}

/// An empty variable is unset, as for the variables of OpenTelemetry. Two have a meaning when they
/// are empty: no admin listener, and a database URL that is missing.
fn without_empty_variable(option: Arg) -> Arg {
    let has_meaning = ["admin_listen", "database_url"].contains(&option.get_id().as_str());
    #[expect(clippy::disallowed_methods, reason = "whether a variable of clap's is empty")]
    let is_empty = option
        .get_env()
        .and_then(env::var_os)
        .is_some_and(|value| value.to_str().is_some_and(|value| value.trim().is_empty()));
    if is_empty && !has_meaning { option.env(None::<&str>) } else { option }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn errors(arguments: &[&str]) -> Vec<String> {
        let arguments = ["student-registration"].iter().chain(arguments);
        let parsed = Arguments::try_parse_from(arguments).unwrap();
        let errors = parsed.validate().err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_option_has_a_valid_default() {
        assert_eq!(errors(&[]), [""; 0]);
    }

    #[test]
    fn every_error_is_reported_at_once_and_names_its_variable() {
        let invalid = [
            ("LISTEN_ADDR (--listen) ", "--listen=5000"),
            ("ADMIN_LISTEN_ADDR (--admin-listen) ", "--admin-listen=nowhere"),
            ("NO_PUBLIC_METRICS (--no-public-metrics) ", "--no-public-metrics=2"),
            ("DATABASE_URL (--database-url) ", "--database-url=mysq://u:secret@h/d"),
            (
                "DATABASE_URL_FILE (--database-url-file) is set beside DATABASE_URL",
                "--database-url-file=x",
            ),
            ("DATABASE_POOL_SIZE (--database-pool-size) ", "--database-pool-size=0"),
            ("DESK_POOL_SIZE (--desk-pool-size) ", "--desk-pool-size=0"),
            ("DATABASE_POOL_TIMEOUT (--database-pool-timeout) ", "--database-pool-timeout=0"),
            (
                "DATABASE_STATEMENT_TIMEOUT (--database-statement-timeout) ",
                "--database-statement-timeout=1",
            ),
            ("DATABASE_BATCH_SIZE (--database-batch-size) ", "--database-batch-size=1001"),
            ("DATABASE_QUEUE_SIZE (--database-queue-size) ", "--database-queue-size=0"),
            ("NO_MIGRATE (--no-migrate) ", "--no-migrate=perhaps"),
            ("WORKERS (--workers) ", "--workers=513"),
            ("MAX_CONNECTIONS (--max-connections) ", "--max-connections=0"),
            ("REQUEST_TIMEOUT (--request-timeout) ", "--request-timeout=soon"),
            ("CLIENT_TIMEOUT (--client-timeout) ", "--client-timeout=-1"),
            ("KEEP_ALIVE (--keep-alive) ", "--keep-alive=nan"),
            ("SHUTDOWN_DELAY (--shutdown-delay) ", "--shutdown-delay=1e30"),
            ("SHUTDOWN_TIMEOUT (--shutdown-timeout) ", "--shutdown-timeout=x"),
            ("TRUSTED_PROXIES (--trusted-proxies) ", "--trusted-proxies=17"),
            ("PUBLIC_URL (--public-url) ", "--public-url=school.example"),
            ("BASE_PATH (--base-path) ", "--base-path=apply"),
            ("ALLOWED_ORIGINS (--allowed-origins) ", "--allowed-origins=www.school.example"),
            ("RATE_LIMIT (--rate-limit) ", "--rate-limit=client=10"),
            ("FORM_SECRET (--form-secret) ", "--form-secret=geheim"),
            (
                "FORM_SECRET_FILE (--form-secret-file) is set beside FORM_SECRET",
                "--form-secret-file=x",
            ),
            ("MINIMUM_FILL_TIME (--minimum-fill-time) ", "--minimum-fill-time=-1"),
            ("FAULTS (--faults) ", "--faults=fire=1%"),
            ("FIRST_ADMIN (--first-admin) ", "--first-admin=ada"),
            ("GRAFANA_URL (--grafana-url) ", "--grafana-url=grafana"),
            ("PROMETHEUS_URL (--prometheus-url) ", "--prometheus-url=ftp://x"),
            ("TRACE_URL (--trace-url) ", "--trace-url=https://x"),
            ("LOGS_URL (--logs-url) ", "--logs-url={trace_id}"),
            ("DEMO_ENDPOINTS (--demo-endpoints) ", "--demo-endpoints"),
            ("DEMO_OUTBOUND_URL (--demo-outbound-url) ", "--demo-outbound-url=https://x"),
            ("NO_BROWSER_TELEMETRY (--no-browser-telemetry) ", "--no-browser-telemetry=perhaps"),
            ("TRUST_TRACEPARENT (--trust-traceparent) ", "--trust-traceparent=maybe"),
            ("LOG_FORMAT (--log-format) ", "--log-format=xml"),
            ("RUST_LOG (--log-filter) ", "--log-filter=a=b=c"),
        ];
        let all = errors(&invalid.map(|(_, argument)| argument));
        assert_eq!(all.len(), invalid.len(), "{all:#?}");
        for (error, (variable, _)) in all.iter().zip(invalid) {
            assert!(error.starts_with(variable), "{error}");
        }
        assert!(!all.concat().contains("secret@") && !all.concat().contains("geheim"));
        let options =
            Arguments::command().get_arguments().filter(|a| a.get_env().is_some()).count();
        assert_eq!(options, invalid.len(), "an option is missing above");
    }

    #[test]
    fn white_space_at_the_ends_is_no_part_of_a_value() {
        let arguments = [
            "student-registration",
            "--database-url=\tsqlite:///a/b.db \n",
            "--form-secret=8f2b1c9d3e7a6054\n",
            "--keep-alive= 7 ",
        ];
        let config = Arguments::parse_from(arguments).validate().unwrap();
        assert_eq!(config.database.url.to_string(), "sqlite:///a/b.db");
        assert_eq!(config.registration.form_secret.unwrap().as_bytes(), b"8f2b1c9d3e7a6054");
        assert_eq!(config.http.keep_alive.as_secs(), 7);
    }

    #[test]
    fn a_secret_is_read_from_a_file_without_its_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let [url, secret, missing] =
            ["url", "secret", "missing"].map(|name| folder.path().join(name));
        fs::write(&url, "mysql://u:canary@h/d\n").unwrap();
        fs::write(&secret, "8f2b1c9d3e7a6054\r\n").unwrap();
        let flag = |name: &str, path: &Path| format!("--{name}-file={}", path.display());
        let (url_flag, secret_flag) = (flag("database-url", &url), flag("form-secret", &secret));
        let arguments = Arguments::parse_from(["student-registration", &url_flag, &secret_flag]);
        let config = arguments.validate().unwrap();
        assert_eq!(config.database.url.to_string(), "mysql://h:3306/d");
        assert_eq!(config.registration.form_secret.unwrap().as_bytes(), b"8f2b1c9d3e7a6054");

        fs::write(&url, "mysq://u:canary@h/d").unwrap();
        let [url_error, secret_error] =
            errors(&[&url_flag, &flag("form-secret", &missing)]).try_into().unwrap();
        assert!(
            url_error.starts_with("DATABASE_URL_FILE (--database-url-file) is "),
            "{url_error}"
        );
        assert!(url_error.contains("must begin with sqlite://") && !url_error.contains("canary"));
        assert!(secret_error.starts_with("FORM_SECRET_FILE (--form-secret-file) is "));
        assert!(secret_error.contains("cannot be read"), "{secret_error}");
    }

    #[test]
    fn an_empty_admin_address_turns_the_listener_off() {
        let arguments = Arguments::parse_from(["student-registration", "--admin-listen="]);
        assert!(arguments.validate().unwrap().listen.admin.is_none());
    }

    #[test]
    fn options_stand_before_or_after_the_command() {
        for order in [["--keep-alive=7", "migrate"], ["migrate", "--keep-alive=7"]] {
            let arguments = ["student-registration"].into_iter().chain(order);
            let arguments = Arguments::parse_from(arguments);
            assert_eq!(arguments.requested_command(), Command::Migrate);
            assert_eq!(arguments.validate().unwrap().http.keep_alive.as_secs(), 7);
        }
    }
}
