//! What every request may use.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use actix_web::dev::RequestHead;
use registration_domain::StudentRepository;
use registration_persistence::Database;
use registration_telemetry::{MetricsHandle, Relay};

use crate::{
    admission::{client, form_key::FormSecret, limits::Limits},
    config::Config,
    in_progress::InProgress,
};

/// The service's state, shared by all workers.
pub(crate) struct App {
    pub(crate) config: Config,
    /// What the service is called, in answers as in traces and logs.
    pub(crate) service_name: String,
    pub(crate) database: Database,
    pub(crate) students: Arc<dyn StudentRepository>,
    pub(crate) limits: Limits,
    pub(crate) in_progress: Arc<InProgress>,
    pub(crate) form_secret: FormSecret,
    pub(crate) metrics: MetricsHandle,
    /// Whether any trace is kept.
    pub(crate) keeps_traces: bool,
    /// Where the spans of pages go.
    pub(crate) relay: Relay,
    pub(crate) started: Instant,
    pub(crate) shutting_down: AtomicBool,
}

impl App {
    /// The address of whoever sent this request.
    pub(crate) fn client_address(&self, request: &RequestHead) -> Option<IpAddr> {
        client::address(request, self.config.trusted_proxies)
    }
}
