//! What the pool's events say, as metrics.

use std::time::Instant;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use r2d2::event::{AcquireEvent, CheckinEvent, CheckoutEvent, ReleaseEvent};
use registration_domain::{RepositoryError, Unavailability};
use tracing::{Span, field::Empty};

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

    fn handle_checkout(&self, _: CheckoutEvent) {
        connections("idle").decrement(1);
        connections("used").increment(1);
    }

    fn handle_checkin(&self, _: CheckinEvent) {
        connections("used").decrement(1);
        connections("idle").increment(1);
    }
}

/// Says how many connections there may be.
pub(crate) fn set_size(most: u32) {
    gauge!("db_client_connection_max", "pool" => NAME).set(most);
}

/// What is measured of those who wait for a connection.
#[derive(Clone)]
pub(crate) struct Waits {
    pending: Gauge,
    wait_time: Histogram,
    timeouts: Counter,
}

/// Somebody who waits for a connection, as a span and as a count.
pub(crate) struct Wait {
    span: Span,
    since: Instant,
    waits: Waits,
}

impl Waits {
    pub(crate) fn new() -> Self {
        Self {
            pending: gauge!("db_client_connection_pending_requests", "pool" => NAME),
            wait_time: histogram!("db_client_connection_wait_time_seconds", "pool" => NAME),
            timeouts: counter!("db_client_connection_timeouts_total", "pool" => NAME),
        }
    }

    /// Begins to wait. The span is a child of `parent`.
    pub(crate) fn begin(&self, parent: &Span) -> Wait {
        let span = tracing::info_span!(
            parent: parent,
            "create_db_connection",
            db.client.connection.pool.name = NAME,
            db.client.connection.wait_time = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        );
        self.pending.increment(1);
        Wait { span, since: Instant::now(), waits: self.clone() }
    }
}

impl Wait {
    /// There is a connection.
    pub(crate) fn connected(self) {
        self.waits.wait_time.record(self.since.elapsed());
    }

    /// There is none.
    pub(crate) fn failed(self, error: &RepositoryError) {
        let RepositoryError::Unavailable { reason, .. } = error else { return };
        self.span.record("error.type", reason.as_str());
        self.span.record("otel.status_code", "ERROR");
        if *reason != Unavailability::Overloaded {
            self.waits.timeouts.increment(1);
        }
    }
}

impl Drop for Wait {
    /// However it ended, and also where nobody waits any more.
    fn drop(&mut self) {
        self.span.record("db.client.connection.wait_time", self.since.elapsed().as_secs_f64());
        self.waits.pending.decrement(1);
    }
}
