//! Every option: its flag, its environment variable and its help.

use clap::Args;
use registration_persistence::DatabaseUrl;

use super::{
    checked::Checked,
    values::{
        Address, Count, Filter, Format, OptionalAddress, Origins, RateLimit, Seconds, Secret,
        Switch, USUAL_LIMITS,
    },
};
use crate::faults::Faults;

/// What may be set.
#[derive(Args)]
#[expect(clippy::doc_markdown, rustdoc::bare_urls, reason = "help texts, not Markdown")]
#[command(next_help_heading = "Options (each may be set by its environment variable)")]
pub(super) struct Options {
    /// Address of the application: form, API, health
    #[arg(
        long,
        env = "LISTEN_ADDR",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:5000",
        global = true
    )]
    pub(super) listen: Checked<Address>,

    /// Address of the admin listener: metrics, health, version; empty turns it off
    #[arg(
        long,
        env = "ADMIN_LISTEN_ADDR",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8000",
        global = true
    )]
    pub(super) admin_listen: Checked<OptionalAddress>,

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
    pub(super) database_url: Checked<DatabaseUrl>,

    /// Most open database connections (an SQLite file always has one)
    #[arg(
        long,
        env = "DATABASE_POOL_SIZE",
        value_name = "COUNT",
        default_value = "10",
        global = true
    )]
    pub(super) database_pool_size: Checked<Count<1, 1000>>,

    /// Longest that a request waits for a database connection before it is answered 503
    #[arg(
        long,
        env = "DATABASE_POOL_TIMEOUT",
        value_name = "SECONDS",
        default_value = "2",
        global = true
    )]
    pub(super) database_pool_timeout: Checked<Seconds<1>>,

    /// Most registrations that are stored in one commit, which those that come together share; 1 for
    /// a commit each
    #[arg(
        long,
        env = "DATABASE_BATCH_SIZE",
        value_name = "COUNT",
        default_value = "256",
        global = true
    )]
    pub(super) database_batch_size: Checked<Count<1, 1000>>,

    /// Most registrations that wait to be stored; further ones are answered 503 at once
    #[arg(
        long,
        env = "DATABASE_QUEUE_SIZE",
        value_name = "COUNT",
        default_value = "1024",
        global = true
    )]
    pub(super) database_queue_size: Checked<Count<1, 100_000>>,

    /// Do not bring the tables up to date at start
    #[arg(long, env = "NO_MIGRATE", value_name = "BOOL", default_value = "false", global = true)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) no_migrate: Checked<Switch>,

    /// Serve /metrics on the admin listener alone
    #[arg(
        long,
        env = "NO_PUBLIC_METRICS",
        value_name = "BOOL",
        default_value = "false",
        global = true
    )]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) no_public_metrics: Checked<Switch>,

    /// Threads that serve requests; one a processor unless set
    #[arg(long, env = "WORKERS", value_name = "COUNT", global = true)]
    pub(super) workers: Option<Checked<Count<1, 512>>>,

    /// Longest that work on a request may take before it is answered 504
    #[arg(
        long,
        env = "REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        global = true
    )]
    pub(super) request_timeout: Checked<Seconds<1>>,

    /// Longest that a client may take to send a request's head, and again its body
    #[arg(
        long,
        env = "CLIENT_TIMEOUT",
        value_name = "SECONDS",
        default_value = "5",
        global = true
    )]
    pub(super) client_timeout: Checked<Seconds<1000>>,

    /// How long an idle connection stays open for the next request
    #[arg(long, env = "KEEP_ALIVE", value_name = "SECONDS", default_value = "15", global = true)]
    pub(super) keep_alive: Checked<Seconds<0>>,

    /// On SIGTERM, how long to go on accepting while readiness says 503, for load balancers to notice
    #[arg(
        long,
        env = "SHUTDOWN_DELAY",
        value_name = "SECONDS",
        default_value = "0",
        global = true
    )]
    pub(super) shutdown_delay: Checked<Seconds<0>>,

    /// On SIGTERM, how long requests under way may take to finish; whole seconds
    #[arg(
        long,
        env = "SHUTDOWN_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        global = true
    )]
    pub(super) shutdown_timeout: Checked<Seconds<1000>>,

    /// How often one client (an IPv4 address, or an IPv6 /64) may send a registration, and how often
    /// anybody is told that one e-mail address is registered: COUNT/SECONDS each; off turns both off
    #[arg(
        long,
        env = "RATE_LIMIT",
        value_name = "LIMITS",
        default_value = USUAL_LIMITS,
        global = true
    )]
    pub(super) rate_limit: Checked<RateLimit>,

    /// Proxies in front of the service, each of which adds the client's address to X-Forwarded-For
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "COUNT", default_value = "0", global = true)]
    pub(super) trusted_proxies: Checked<Count<0, 16>>,

    /// What forms are signed with, 16 characters or more: the same for every instance behind one
    /// address; made up at start unless set
    #[arg(long, env = "FORM_SECRET", value_name = "TEXT", hide_env_values = true, global = true)]
    pub(super) form_secret: Option<Checked<Secret>>,

    /// A form sent sooner than this after it was given out is shown once more, to be sent again
    #[arg(
        long,
        env = "MINIMUM_FILL_TIME",
        value_name = "SECONDS",
        default_value = "2",
        global = true
    )]
    pub(super) minimum_fill_time: Checked<Seconds<0>>,

    /// Origins of forms hosted elsewhere whose scripts may send registrations as JSON and read the
    /// answers, with commas between, as in https://www.school.example
    #[arg(
        long,
        env = "ALLOWED_ORIGINS",
        value_name = "ORIGINS",
        default_value = "",
        global = true
    )]
    pub(super) allowed_origins: Checked<Origins>,

    /// Let pages tell nothing of how they load and are used: no traceparent, no spans from browsers
    #[arg(
        long,
        env = "NO_BROWSER_TELEMETRY",
        value_name = "BOOL",
        default_value = "false",
        global = true
    )]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) no_browser_telemetry: Checked<Switch>,

    /// Faults on purpose, for drills, into a share of the requests, as in
    /// latency=500ms@20%,error=10%,database=1%: registrations that are late, 500s, and 503s as where the
    /// database is gone; refused where deployment.environment.name is not development, test or staging
    #[arg(long, env = "FAULTS", value_name = "FAULTS", default_value = "", global = true)]
    pub(super) faults: Checked<Faults>,

    /// Log lines as json, for machines, or pretty, for people
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", default_value = "json", global = true)]
    pub(super) log_format: Checked<Format>,

    /// Which log lines to write, as in info or warn,student_registration=debug
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = "info", global = true)]
    pub(super) log_filter: Checked<Filter>,
}
