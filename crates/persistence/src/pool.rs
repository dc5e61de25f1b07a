//! What the pool's events say, as metrics.

use metrics::{Gauge, counter, gauge, histogram};
use r2d2::event::{AcquireEvent, CheckinEvent, CheckoutEvent, ReleaseEvent, TimeoutEvent};
use registration_domain::RepositoryError;
use tracing::Span;

/// The name of the service's one pool.
pub(crate) const NAME: &str = "registration";

/// Records r2d2's events.
#[derive(Debug)]
pub(crate) struct Events;

fn connections(state: &'static str) -> Gauge {
    gauge!("db_client_connection_count", "pool" => NAME, "state" => state)
}

impl r2d2::HandleEvent for Events {
    fn handle_acquire(&self, _: AcquireEvent) {
        connections("idle").increment(1);
    }

    /// A connection is closed; one that was in use has been checked in before.
    fn handle_release(&self, _: ReleaseEvent) {
        connections("idle").decrement(1);
    }

    fn handle_checkout(&self, event: CheckoutEvent) {
        connections("idle").decrement(1);
        connections("used").increment(1);
        histogram!("db_client_connection_wait_time_seconds", "pool" => NAME)
            .record(event.duration());
    }

    fn handle_checkin(&self, _: CheckinEvent) {
        connections("used").decrement(1);
        connections("idle").increment(1);
    }

    fn handle_timeout(&self, _: TimeoutEvent) {
        counter!("db_client_connection_timeouts_total", "pool" => NAME).increment(1);
    }
}

/// Says how many connections there may be.
pub(crate) fn set_size(most: u32) {
    gauge!("db_client_connection_max", "pool" => NAME).set(most);
}

/// How many wait for a connection.
pub(crate) fn pending() -> Gauge {
    gauge!("db_client_connection_pending_requests", "pool" => NAME)
}

/// Records on a span why there was no connection.
pub(crate) fn record_failure(span: &Span, error: &RepositoryError) {
    if let RepositoryError::Unavailable { reason, .. } = error {
        span.record("error.type", reason.as_str());
        span.record("otel.status_code", "ERROR");
    }
}
