//! Configuration: every option's flag, environment variable and help in one place, and one check
//! that reports every mistake at once.
//!
//! To add an option, add a field to [`Options`] and to [`Config`], and a line to
//! [`Arguments::validate`]. `--help` and `docs/configuration.md` follow.

mod checked;
mod options;
mod values;

use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use registration_persistence::{DatabaseUrl, PoolOptions, WriteOptions};
use registration_telemetry::LogFormat;

pub(crate) use self::{checked::Mistake, values::Address};
use self::{checked::Mistakes, options::Options, values::Secret};
use crate::{
    admission::limits::Quotas,
    faults::{self, Faults},
    version,
};

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
    pub(crate) faults: Faults,
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
            faults: check.take("faults", given.faults),
            log_format: check.take("log_format", given.log_format).0,
            log_filter: check.take("log_filter", given.log_filter).0,
        };
        if config.faults.any()
            && let Err(why) =
                faults::allowed_in(registration_telemetry::deployment_environment().as_deref())
        {
            check.refuse("faults", why);
        }
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
            "--faults=fire=1%",
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
            "FAULTS (--faults) ",
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
