//! What is measured, and the environment that makes each what it is.

use registration_testkit::Backend;

/// The bare handler, or the service in one of its ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// None for the bare handler.
    pub(crate) backend: Option<Backend>,
    telemetry: Telemetry,
    environment: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telemetry {
    /// No spans, no metrics, no log lines.
    Off,
    /// As it is where nothing is set: metrics and log lines.
    Default,
    /// And every span and log line to a receiver.
    Full,
}

const fn service(name: &'static str, backend: Backend, telemetry: Telemetry) -> Subject {
    Subject { name, backend: Some(backend), telemetry, environment: &[] }
}

pub(crate) const BARE: Subject =
    Subject { name: "bare handler", backend: None, telemetry: Telemetry::Off, environment: &[] };
pub(crate) const MARIADB: Subject = service("MariaDB", Backend::Mysql, Telemetry::Default);
pub(crate) const COMMIT_EACH: Subject = Subject {
    name: "MariaDB, a commit each",
    environment: &[("DATABASE_BATCH_SIZE", "1")],
    ..MARIADB
};
pub(crate) const MARIADB_OFF: Subject =
    service("MariaDB, telemetry off", Backend::Mysql, Telemetry::Off);
pub(crate) const MARIADB_FULL: Subject =
    service("MariaDB, telemetry full", Backend::Mysql, Telemetry::Full);
pub(crate) const SQLITE: Subject = service("SQLite", Backend::Sqlite, Telemetry::Default);
pub(crate) const SQLITE_OFF: Subject =
    service("SQLite, telemetry off", Backend::Sqlite, Telemetry::Off);
pub(crate) const SQLITE_FULL: Subject =
    service("SQLite, telemetry full", Backend::Sqlite, Telemetry::Full);
/// Refuses what it cannot take soon.
pub(crate) const SHORT_QUEUE: Subject = Subject {
    name: "MariaDB, a queue of 64",
    environment: &[("DATABASE_QUEUE_SIZE", "64")],
    ..MARIADB
};

/// At every number of connections.
pub(crate) const EVERYWHERE: [Subject; 3] = [BARE, MARIADB, COMMIT_EACH];
/// At [`crate::rounds::MAIN`] connections.
pub(crate) const ALL: [Subject; 8] =
    [BARE, MARIADB, COMMIT_EACH, MARIADB_OFF, MARIADB_FULL, SQLITE, SQLITE_OFF, SQLITE_FULL];

impl Subject {
    /// Whether it sends its traces and log lines to a receiver.
    pub(crate) fn exports(self) -> bool {
        self.telemetry == Telemetry::Full
    }

    /// What is set for it alone. Where the receiver is, is not known here.
    pub(crate) fn environment(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let off: &[_] = match self.telemetry {
            Telemetry::Off => &[("OTEL_SDK_DISABLED", "true"), ("RUST_LOG", "off")],
            Telemetry::Default | Telemetry::Full => &[],
        };
        self.environment.iter().chain(off).copied()
    }
}
