//! For tests only: private databases, a running service and the shared corpus.
//!
//! Every test owns its database and its ports; nothing here is shared, retried or slept on. A
//! backend that cannot be had is an ignored test with its reason printed, never a silent pass.
//!
//! - [`TestDatabase`]: an empty database of either [`Backend`], gone when dropped.
//! - [`DatabaseServer`]: a whole server of one's own, to kill and to restart.
//! - [`GaleraCluster`]: a whole cluster behind HAProxy, whose nodes can be killed and frozen.
//! - [`WireProxy`]: a proxy in front of the server that breaks the wire on command.
//! - [`PrometheusServer`]: a Prometheus that scrapes it.
//! - [`killed_with_parent`]: any other program, which ends with the test.
//! - [`Service`]: the service's binary, running on free ports, to talk to, to signal, to kill.
//! - [`on_every_backend!`]: one test function, one trial a backend.
//! - [`telemetry`]: spans, logs and metrics, captured in memory or by a real OTLP receiver.
//! - [`Applicant`]: a valid applicant, as JSON and as a form.
//! - [`corpus`]: the shared cases of what is and is not a registration.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot set itself up should stop and say so"
)]
#![allow(clippy::disallowed_methods, reason = "tests read TEST_MYSQL_URL")]

pub mod corpus;
mod database;
mod database_server;
mod galera;
mod process;
mod prometheus;
mod service;
pub mod telemetry;
mod trials;
mod wait;
mod wire_proxy;

pub use registration_applicants::{Applicant, NAMES};

pub use database::{Backend, OpenTransaction, TestDatabase};
pub use database_server::{DatabaseServer, ServerKind};
pub use galera::{GaleraCluster, PausedReplication};
pub use process::{free_address, killed_with_parent, peak_memory, with_open_files};
pub use prometheus::{PrometheusServer, promtool_check_metrics};
pub use service::{Service, ServiceBuilder};
pub use trials::{
    DatabaseTest, backend_trials, cluster_trial, ignored_if, mariadb_trial, prometheus_trial,
};
pub use wait::wait_until;
pub use wire_proxy::{WireMode, WireProxy};
