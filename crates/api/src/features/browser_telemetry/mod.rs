//! The spans of the form's page, relayed to the collector.

mod destination;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod handler;
mod message;
mod spans;

use std::{sync::Arc, time::Duration};

use registration_application::rate_limit::RateLimits;
use registration_telemetry::Relay;

pub(crate) use self::{handler::post, spans::SERVICE};
use crate::web::client_address::TrustedProxies;

/// What the handler uses.
pub(crate) struct BrowserTelemetry {
    pub(crate) is_enabled: bool,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) trusted_proxies: TrustedProxies,
    /// How long a client may take to send a body.
    pub(crate) body_timeout: Duration,
    pub(crate) relay: Relay,
}
