//! What is measured, and the environment of each.

use registration_testkit::Backend;

type Environment = &'static [(&'static str, &'static str)];

/// The bare handler, or the service in one configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// `None` for the bare handler.
    pub(crate) backend: Option<Backend>,
    /// Traces and log records are exported to it.
    pub(crate) receiver: Option<Receiver>,
    pub(crate) environment: Environment,
}

/// Where telemetry is exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// The test kit's `otlp-receiver` in this mode.
    Mode(&'static str),
    /// An address on which nothing listens.
    Absent,
}

/// No spans, no metrics, no log lines.
const OFF: Environment = &[("OTEL_SDK_DISABLED", "true"), ("RUST_LOG", "off")];
const TENTH: Environment =
    &[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.1")];

/// Telemetry at its default: metrics and log lines.
const fn service(name: &'static str, backend: Backend, environment: Environment) -> Subject {
    Subject { name, backend: Some(backend), receiver: None, environment }
}

/// Every span and log record as well.
const fn full(name: &'static str, backend: Backend, receiver: Receiver) -> Subject {
    Subject { name, backend: Some(backend), receiver: Some(receiver), environment: &[] }
}

const DISCARD: Receiver = Receiver::Mode("discard");

pub(crate) const BARE: Subject =
    Subject { name: "bare handler", backend: None, receiver: None, environment: &[] };
pub(crate) const MARIADB: Subject = service("MariaDB", Backend::Mysql, &[]);
pub(crate) const COMMIT_EACH: Subject =
    service("MariaDB, a commit each", Backend::Mysql, &[("DATABASE_BATCH_SIZE", "1")]);
pub(crate) const MARIADB_OFF: Subject = service("MariaDB, telemetry off", Backend::Mysql, OFF);
pub(crate) const MARIADB_TENTH: Subject =
    Subject { name: "MariaDB, telemetry full, 10 % of traces", environment: TENTH, ..MARIADB_FULL };
pub(crate) const MARIADB_FULL: Subject = full("MariaDB, telemetry full", Backend::Mysql, DISCARD);
pub(crate) const SQLITE: Subject = service("SQLite", Backend::Sqlite, &[]);
const SQLITE_OFF: Subject = service("SQLite, telemetry off", Backend::Sqlite, OFF);
const SQLITE_FULL: Subject = full("SQLite, telemetry full", Backend::Sqlite, DISCARD);
/// Refuses early.
pub(crate) const SHORT_QUEUE: Subject =
    service("MariaDB, a queue of 64", Backend::Mysql, &[("DATABASE_QUEUE_SIZE", "64")]);

/// Measured at every number of connections.
pub(crate) const EVERYWHERE: [Subject; 3] = [BARE, MARIADB, COMMIT_EACH];
/// Measured at [`crate::rounds::MAIN`] connections.
pub(crate) const ALL: [Subject; 9] = [
    BARE,
    MARIADB,
    COMMIT_EACH,
    MARIADB_OFF,
    MARIADB_TENTH,
    MARIADB_FULL,
    SQLITE,
    SQLITE_OFF,
    SQLITE_FULL,
];
/// Measured by `receivers.rs`.
pub(crate) const FAILING_RECEIVERS: [Subject; 4] = [
    full("no receiver", Backend::Mysql, Receiver::Absent),
    full("a receiver that closes connections", Backend::Mysql, Receiver::Mode("close")),
    full("a receiver that hangs", Backend::Mysql, Receiver::Mode("hang")),
    full("a receiver that answers 503", Backend::Mysql, Receiver::Mode("unavailable")),
];
