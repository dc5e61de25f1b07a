//! Configuration: every option's flag, environment variable and help in one place, and one check
//! that reports every mistake at once.
//!
//! To add an option, add a field to [`Options`] and to [`Config`], and a line to
//! [`Arguments::validate`]. `--help` and `docs/configuration.md` follow.

mod checked;
mod values;

use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};
use registration_persistence::{DatabaseUrl, PoolOptions, WriteOptions};
use registration_telemetry::LogFormat;

pub(crate) use self::{checked::Mistake, values::Address};
use self::{
    checked::{Checked, Mistakes},
    values::{
        Count, Filter, Format, OptionalAddress, Origins, RateLimit, Seconds, Secret, Switch,
        USUAL_LIMITS,
    },
};
use crate::{admission::limits::Quotas, version};

/// What `--help` says about the options that OpenTelemetry has named.
const OPENTELEMETRY: &str = "\
Traces and logs are exported where OTEL_EXPORTER_OTLP_ENDPOINT says, as in http://localhost:4318. \
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

/// What the program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Serve the form and the API (the default)
    Serve,
    /// Bring the database's tables up to date, then exit
    Migrate,
    /// Ask the running service whether it is ready; exit 0 if so (for containers)
    Healthcheck,
    /// Check configuration, database, migrations, pool and telemetry; exit 0 if all is well
    Doctor,
}

#[derive(Args)]
#[expect(clippy::doc_markdown, rustdoc::bare_urls, reason = "help texts, not Markdown")]
#[command(next_help_heading = "Options (each may be set by its environment variable)")]
struct Options {
    /// Address of the application: form, API, health
    #[arg(
        long,
        env = "LISTEN_ADDR",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:5000",
        global = true
    )]
    listen: Checked<Address>,

    /// Address of the admin listener: metrics, health, version; empty turns it off
    #[arg(
        long,
        env = "ADMIN_LISTEN_ADDR",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8000",
        global = true
    )]
    admin_listen: Checked<OptionalAddress>,

    /// sqlite://PATH or mysql://USER:PASSWORD@HOST:PORT/DATABASE; set it in the environment, where
    /// other users cannot read the password
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite://./data/registration.db",
        hide_env_values = true,
        global = true
    )]
    database_url: Checked<DatabaseUrl>,

    /// Most open database connections (an SQLite file always has one)
    #[arg(
        long,
        env = "DATABASE_POOL_SIZE",
        value_name = "COUNT",
        default_value = "10",
        global = true
    )]
    database_pool_size: Checked<Count<1, 1000>>,

    /// Longest that a request waits for a database connection before it is answered 503
    #[arg(
        long,
        env = "DATABASE_POOL_TIMEOUT",
        value_name = "SECONDS",
        default_value = "2",
        global = true
    )]
    database_pool_timeout: Checked<Seconds<1>>,

    /// Most registrations that are stored in one commit, which those that come together share; 1 for
    /// a commit each
    #[arg(
        long,
        env = "DATABASE_BATCH_SIZE",
        value_name = "COUNT",
        default_value = "256",
        global = true
    )]
    database_batch_size: Checked<Count<1, 1000>>,

    /// Most registrations that wait to be stored; further ones are answered 503 at once
    #[arg(
        long,
        env = "DATABASE_QUEUE_SIZE",
        value_name = "COUNT",
        default_value = "1024",
        global = true
    )]
    database_queue_size: Checked<Count<1, 100_000>>,

    /// Do not bring the tables up to date at start
    #[arg(long, env = "NO_MIGRATE", value_name = "BOOL", default_value = "false", global = true)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    no_migrate: Checked<Switch>,

    /// Serve /metrics on the admin listener alone
    #[arg(
        long,
        env = "NO_PUBLIC_METRICS",
        value_name = "BOOL",
        default_value = "false",
        global = true
    )]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    no_public_metrics: Checked<Switch>,

    /// Threads that serve requests; one a processor unless set
    #[arg(long, env = "WORKERS", value_name = "COUNT", global = true)]
    workers: Option<Checked<Count<1, 512>>>,

    /// Longest that work on a request may take before it is answered 504
    #[arg(
        long,
        env = "REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        global = true
    )]
    request_timeout: Checked<Seconds<1>>,

    /// Longest that a client may take to send a request's head, and again its body
    #[arg(
        long,
        env = "CLIENT_TIMEOUT",
        value_name = "SECONDS",
        default_value = "5",
        global = true
    )]
    client_timeout: Checked<Seconds<1000>>,

    /// How long an idle connection stays open for the next request
    #[arg(long, env = "KEEP_ALIVE", value_name = "SECONDS", default_value = "15", global = true)]
    keep_alive: Checked<Seconds<0>>,

    /// On SIGTERM, how long to go on accepting while readiness says 503, for load balancers to notice
    #[arg(
        long,
        env = "SHUTDOWN_DELAY",
        value_name = "SECONDS",
        default_value = "0",
        global = true
    )]
    shutdown_delay: Checked<Seconds<0>>,

    /// On SIGTERM, how long requests under way may take to finish; whole seconds
    #[arg(
        long,
        env = "SHUTDOWN_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        global = true
    )]
    shutdown_timeout: Checked<Seconds<1000>>,

    /// How often one client (an IPv4 address, or an IPv6 /64) may send a registration, and how often
    /// anybody is told that one e-mail address is registered: COUNT/SECONDS each; off turns both off
    #[arg(
        long,
        env = "RATE_LIMIT",
        value_name = "LIMITS",
        default_value = USUAL_LIMITS,
        global = true
    )]
    rate_limit: Checked<RateLimit>,

    /// Proxies in front of the service, each of which adds the client's address to X-Forwarded-For
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "COUNT", default_value = "0", global = true)]
    trusted_proxies: Checked<Count<0, 16>>,

    /// What forms are signed with, 16 characters or more: the same for every instance behind one
    /// address; made up at start unless set
    #[arg(long, env = "FORM_SECRET", value_name = "TEXT", hide_env_values = true, global = true)]
    form_secret: Option<Checked<Secret>>,

    /// A form sent sooner than this after it was given out is shown once more, to be sent again
    #[arg(
        long,
        env = "MINIMUM_FILL_TIME",
        value_name = "SECONDS",
        default_value = "2",
        global = true
    )]
    minimum_fill_time: Checked<Seconds<0>>,

    /// Origins of forms hosted elsewhere whose scripts may send registrations as JSON and read the
    /// answers, with commas between, as in https://www.school.example
    #[arg(
        long,
        env = "ALLOWED_ORIGINS",
        value_name = "ORIGINS",
        default_value = "",
        global = true
    )]
    allowed_origins: Checked<Origins>,

    /// Let pages tell nothing of how they load and are used: no traceparent, no spans from browsers
    #[arg(
        long,
        env = "NO_BROWSER_TELEMETRY",
        value_name = "BOOL",
        default_value = "false",
        global = true
    )]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    no_browser_telemetry: Checked<Switch>,

    /// Log lines as json, for machines, or pretty, for people
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", default_value = "json", global = true)]
    log_format: Checked<Format>,

    /// Which log lines to write, as in info or warn,student_registration=debug
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = "info", global = true)]
    log_filter: Checked<Filter>,
}

/// A valid configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: Address,
    pub(crate) admin_listen: Option<Address>,
    pub(crate) database_url: DatabaseUrl,
    pub(crate) pool: PoolOptions,
    pub(crate) writes: WriteOptions,
    pub(crate) migrate: bool,
    pub(crate) public_metrics: bool,
    pub(crate) workers: Option<u32>,
    pub(crate) request_timeout: Duration,
    pub(crate) client_timeout: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) shutdown_delay: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) quotas: Quotas,
    pub(crate) trusted_proxies: u32,
    pub(crate) form_secret: Option<Secret>,
    pub(crate) minimum_fill_time: Duration,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) browser_telemetry: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
}

impl Arguments {
    /// What to do.
    pub(crate) fn requested(&self) -> Command {
        self.command.unwrap_or(Command::Serve)
    }

    /// With what to do it, or everything that is wrong.
    pub(crate) fn validate(self) -> Result<Config, Vec<Mistake>> {
        let given = self.options;
        let command = <Self as CommandFactory>::command();
        let mut check = Mistakes::of(&command);
        let config = Config {
            listen: check.take("listen", given.listen),
            admin_listen: check.take("admin_listen", given.admin_listen).0,
            database_url: check.take("database_url", given.database_url),
            pool: PoolOptions {
                max_size: check.take("database_pool_size", given.database_pool_size).0,
                timeout: check.take("database_pool_timeout", given.database_pool_timeout).0,
            },
            writes: WriteOptions {
                largest_batch: check.take("database_batch_size", given.database_batch_size).0,
                most_waiting: check.take("database_queue_size", given.database_queue_size).0,
                is_sampled: registration_telemetry::is_sampled,
            },
            migrate: !check.take("no_migrate", given.no_migrate).0,
            public_metrics: !check.take("no_public_metrics", given.no_public_metrics).0,
            workers: given.workers.map(|workers| check.take("workers", workers).0),
            request_timeout: check.take("request_timeout", given.request_timeout).0,
            client_timeout: check.take("client_timeout", given.client_timeout).0,
            keep_alive: check.take("keep_alive", given.keep_alive).0,
            shutdown_delay: check.take("shutdown_delay", given.shutdown_delay).0,
            shutdown_timeout: check.take("shutdown_timeout", given.shutdown_timeout).0,
            quotas: check.take("rate_limit", given.rate_limit).0,
            trusted_proxies: check.take("trusted_proxies", given.trusted_proxies).0,
            form_secret: given.form_secret.map(|secret| check.take("form_secret", secret)),
            minimum_fill_time: check.take("minimum_fill_time", given.minimum_fill_time).0,
            allowed_origins: check.take("allowed_origins", given.allowed_origins).0,
            browser_telemetry: !check.take("no_browser_telemetry", given.no_browser_telemetry).0,
            log_format: check.take("log_format", given.log_format).0,
            log_filter: check.take("log_filter", given.log_filter).0,
        };
        check.into_result(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(arguments: &[&str]) -> Vec<String> {
        let arguments = ["student-registration"].iter().chain(arguments);
        let parsed = Arguments::try_parse_from(arguments).unwrap();
        let mistakes = parsed.validate().err().unwrap_or_default();
        mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_need_be_configured() {
        assert_eq!(mistakes(&[]), [""; 0]);
    }

    #[test]
    fn every_mistake_is_reported_at_once_and_names_its_variable() {
        let all = mistakes(&[
            "--listen=5000",
            "--admin-listen=nowhere",
            "--database-url=mysq://u:secret@h/d",
            "--database-pool-size=0",
            "--database-pool-timeout=0",
            "--no-migrate=perhaps",
            "--no-public-metrics=2",
            "--workers=513",
            "--request-timeout=soon",
            "--client-timeout=-1",
            "--keep-alive=nan",
            "--shutdown-delay=1e30",
            "--shutdown-timeout=x",
            "--rate-limit=client=10",
            "--trusted-proxies=17",
            "--form-secret=geheim",
            "--minimum-fill-time=-1",
            "--allowed-origins=www.school.example",
            "--no-browser-telemetry=perhaps",
            "--log-format=xml",
            "--log-filter=a=b=c",
        ]);
        let variables = [
            "LISTEN_ADDR (--listen) ",
            "ADMIN_LISTEN_ADDR (--admin-listen) ",
            "DATABASE_URL (--database-url) ",
            "DATABASE_POOL_SIZE (--database-pool-size) ",
            "DATABASE_POOL_TIMEOUT (--database-pool-timeout) ",
            "NO_MIGRATE (--no-migrate) ",
            "NO_PUBLIC_METRICS (--no-public-metrics) ",
            "WORKERS (--workers) ",
            "REQUEST_TIMEOUT (--request-timeout) ",
            "CLIENT_TIMEOUT (--client-timeout) ",
            "KEEP_ALIVE (--keep-alive) ",
            "SHUTDOWN_DELAY (--shutdown-delay) ",
            "SHUTDOWN_TIMEOUT (--shutdown-timeout) ",
            "RATE_LIMIT (--rate-limit) ",
            "TRUSTED_PROXIES (--trusted-proxies) ",
            "FORM_SECRET (--form-secret) ",
            "MINIMUM_FILL_TIME (--minimum-fill-time) ",
            "ALLOWED_ORIGINS (--allowed-origins) ",
            "NO_BROWSER_TELEMETRY (--no-browser-telemetry) ",
            "LOG_FORMAT (--log-format) ",
            "RUST_LOG (--log-filter) ",
        ];
        assert_eq!(all.len(), variables.len(), "{all:#?}");
        for (mistake, variable) in all.iter().zip(variables) {
            assert!(mistake.starts_with(variable), "{mistake}");
        }
        assert!(!all.concat().contains("secret@") && !all.concat().contains("geheim"));
    }

    #[test]
    fn an_empty_admin_address_turns_the_listener_off() {
        let arguments = Arguments::parse_from(["student-registration", "--admin-listen="]);
        assert!(arguments.validate().unwrap().admin_listen.is_none());
    }

    #[test]
    fn options_stand_before_or_after_the_command() {
        for order in [["--keep-alive=7", "migrate"], ["migrate", "--keep-alive=7"]] {
            let arguments = ["student-registration"].into_iter().chain(order);
            let arguments = Arguments::parse_from(arguments);
            assert_eq!(arguments.requested(), Command::Migrate);
            assert_eq!(arguments.validate().unwrap().keep_alive.as_secs(), 7);
        }
    }
}
