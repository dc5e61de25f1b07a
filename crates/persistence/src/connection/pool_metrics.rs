//! Metrics of the pool, and the span of a wait for a connection.

use std::time::Instant;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use r2d2::event::{AcquireEvent, CheckinEvent, CheckoutEvent, ReleaseEvent};
use registration_domain::{RepositoryError, Unavailability};
use tracing::{Span, field::Empty};

/// A pool, by its name in metrics and spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolName(&'static str);

impl PoolName {
    /// The pool of registrations and of the public pages.
    pub(crate) const REGISTRATION: Self = Self("registration");
    /// The pool of the desk.
    pub(crate) const DESK: Self = Self("desk");

    fn connections(self, state: &'static str) -> Gauge {
        gauge!("db_client_connection_count", "pool" => self.0, "state" => state)
    }

    /// Records the maximum number of open connections.
    pub(crate) fn set_max_size(self, max_size: u32) {
        gauge!("db_client_connection_max", "pool" => self.0).set(max_size);
    }

    /// Counts a connection that was written off.
    pub(crate) fn count_stuck(self) {
        counter!("db_client_connection_stuck_total", "pool" => self.0).increment(1);
    }
}

/// Counts connections by r2d2's events.
#[derive(Debug)]
pub(crate) struct PoolEvents(pub(crate) PoolName);

impl r2d2::HandleEvent for PoolEvents {
    fn handle_acquire(&self, _: AcquireEvent) {
        self.0.connections("idle").increment(1);
    }

    /// A closed connection is idle: one in use is checked in first.
    fn handle_release(&self, _: ReleaseEvent) {
        self.0.connections("idle").decrement(1);
    }

    fn handle_checkout(&self, _: CheckoutEvent) {
        self.0.connections("idle").decrement(1);
        self.0.connections("used").increment(1);
    }

    fn handle_checkin(&self, _: CheckinEvent) {
        self.0.connections("used").decrement(1);
        self.0.connections("idle").increment(1);
    }
}

/// The metrics of waits for a connection.
#[derive(Clone)]
pub(crate) struct WaitMetrics {
    pool: PoolName,
    pending: Gauge,
    wait_time: Histogram,
    timeouts: Counter,
}

/// One caller's wait for a connection.
pub(crate) struct ConnectionWait {
    span: Span,
    since: Instant,
    metrics: WaitMetrics,
}

impl WaitMetrics {
    pub(crate) fn new(pool: PoolName) -> Self {
        Self {
            pool,
            pending: gauge!("db_client_connection_pending_requests", "pool" => pool.0),
            wait_time: histogram!("db_client_connection_wait_time_seconds", "pool" => pool.0),
            timeouts: counter!("db_client_connection_timeouts_total", "pool" => pool.0),
        }
    }

    /// Begins a wait, whose span is a child of `parent`.
    pub(crate) fn begin(&self, parent: &Span) -> ConnectionWait {
        let span = tracing::info_span!(
            parent: parent,
            "create_db_connection",
            db.client.connection.pool.name = self.pool.0,
            db.client.connection.wait_time = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        );
        self.pending.increment(1);
        ConnectionWait { span, since: Instant::now(), metrics: self.clone() }
    }
}

impl ConnectionWait {
    /// Ends the wait with a connection.
    pub(crate) fn connected(self) {
        self.metrics.wait_time.record(self.since.elapsed());
    }

    /// Ends the wait without one.
    pub(crate) fn failed(self, error: &RepositoryError) {
        let RepositoryError::Unavailable { reason, .. } = error else { return };
        self.span.record("error.type", reason.as_str());
        self.span.record("otel.status_code", "ERROR");
        if *reason != Unavailability::Overloaded {
            self.metrics.timeouts.increment(1);
        }
    }
}

impl Drop for ConnectionWait {
    /// In `Drop`, so that a cancelled wait is counted as well.
    fn drop(&mut self) {
        self.span.record("db.client.connection.wait_time", self.since.elapsed().as_secs_f64());
        self.metrics.pending.decrement(1);
    }
}
