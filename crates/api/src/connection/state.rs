//! The state of one connection: its phase, and until when the phase may last.

use std::{cell::Cell, time::Duration};

use metrics::{counter, gauge};
use tokio::time::Instant;

/// Minimum rate at which a client takes a response, in bytes a second, beyond the first
/// [`TimeLimits::client`].
const MIN_BYTES_PER_SECOND: u32 = 4 * 1024;

/// How long the phases of a connection may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// For a head, a blocked write, and what is left of a body after its answer.
    pub(crate) client: Duration,
    /// For an idle connection.
    pub(crate) keep_alive: Duration,
    /// For a request from its head to the first of its answer, and between parts of that. The handlers'
    /// own limits are shorter; those that are not say so.
    pub(crate) request: Duration,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The first byte.
    Accepted,
    /// The end of the first head.
    FirstHead,
    /// The end of a later head.
    Head,
    /// The handler, and the rest of the body that it reads.
    Request,
    /// The client, which does not take the response as fast as it is written.
    Response,
    /// The rest of a body after its answer, or the client's close after a refusal.
    Remainder,
    /// The next request.
    Idle,
}

impl Phase {
    /// The label of metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted | Self::FirstHead => "first_head",
            Self::Head => "head",
            Self::Request => "request",
            Self::Response => "response",
            Self::Remainder => "remainder",
            Self::Idle => "idle",
        }
    }
}

/// The state of one connection, shared by its stream, its responses and its watchdog.
#[derive(Debug)]
pub(super) struct Connection {
    listener: &'static str,
    limits: TimeLimits,
    phase: Cell<Phase>,
    deadline: Cell<Instant>,
    /// How long the current request may take until its answer begins, and between parts of that.
    request: Cell<Duration>,
    /// When the client first did not take the response at once, and how much it has taken since.
    slow: Cell<Option<(Instant, u32)>>,
    is_blocked: Cell<bool>,
    has_answered: Cell<bool>,
    head_expired: Cell<bool>,
}

/// What an expired deadline means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// The stream answers 408, for which there is a deadline again.
    Answer,
    /// The connection ends.
    Close,
}

impl Connection {
    pub(super) fn open(listener: &'static str, limits: TimeLimits) -> Self {
        gauge!("http_connections", "listener" => listener).increment(1);
        Self {
            listener,
            limits,
            phase: Cell::new(Phase::Accepted),
            deadline: Cell::new(Instant::now() + limits.client),
            request: Cell::new(limits.request),
            slow: Cell::default(),
            is_blocked: Cell::default(),
            has_answered: Cell::default(),
            head_expired: Cell::default(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline.get()
    }

    /// Begins a phase and its time.
    pub(super) fn enter(&self, phase: Phase) {
        let limit = match phase {
            Phase::Accepted | Phase::FirstHead | Phase::Head | Phase::Remainder => {
                self.limits.client
            }
            Phase::Request | Phase::Response => self.limits.request,
            Phase::Idle => self.limits.keep_alive,
        };
        // The first head's time began when the connection was accepted.
        if phase != Phase::FirstHead {
            self.deadline.set(Instant::now() + limit);
        }
        self.phase.set(phase);
        self.request.set(self.limits.request);
        self.is_blocked.set(false);
        self.slow.set(None);
    }

    /// The first bytes of a head are here.
    pub(super) fn begin_head(&self) {
        match self.phase() {
            Phase::Accepted => self.enter(Phase::FirstHead),
            Phase::FirstHead | Phase::Head => {}
            Phase::Request | Phase::Response | Phase::Remainder | Phase::Idle => {
                self.enter(Phase::Head);
            }
        }
    }

    /// The client does not take the response: it has [`TimeLimits::client`] to go on, and less where
    /// it has been slow before.
    pub(super) fn write_blocked(&self) {
        if self.is_blocked.replace(true) {
            return;
        }
        let now = Instant::now();
        let (since, taken) = self.slow.get().unwrap_or((now, 0));
        let earned = Duration::from_secs((taken / MIN_BYTES_PER_SECOND).into());
        self.slow.set(Some((since, taken)));
        self.deadline.set((now + self.limits.client).min(since + self.limits.client + earned));
        if self.phase() == Phase::Request {
            self.phase.set(Phase::Response);
        }
    }

    /// These bytes are on their way to the client.
    pub(super) fn written(&self, bytes: usize) {
        if let Some((since, taken)) = self.slow.get() {
            let taken = taken.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
            self.slow.set(Some((since, taken)));
        }
        // As long as there is progress, a response may take any time.
        if self.is_blocked.replace(false) || self.phase() == Phase::Request {
            self.deadline.set(Instant::now() + self.request.get());
        }
    }

    /// The handler of the current request may take this long until its answer begins, and between parts of it.
    pub(super) fn allow(&self, limit: Duration) {
        if self.phase() == Phase::Request {
            self.request.set(limit);
            self.deadline.set(Instant::now() + limit);
        }
    }

    /// The whole response is in the HTTP library's buffer.
    pub(super) fn answered(&self) {
        self.has_answered.set(true);
    }

    pub(super) fn take_answered(&self) -> bool {
        self.has_answered.replace(false)
    }

    pub(super) fn take_expired_head(&self) -> bool {
        self.head_expired.replace(false)
    }

    /// The deadline has passed.
    pub(super) fn expire(&self) -> Expiry {
        let phase = self.phase();
        counter!(
            "http_connections_closed_total",
            "listener" => self.listener,
            "phase" => phase.as_str(),
        )
        .increment(1);
        if matches!(phase, Phase::FirstHead | Phase::Head) {
            self.head_expired.set(true);
            self.enter(Phase::Remainder);
            Expiry::Answer
        } else {
            Expiry::Close
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        gauge!("http_connections", "listener" => self.listener).decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn in_request() -> Connection {
        let limits = TimeLimits { client: SECOND, keep_alive: SECOND, request: 10 * SECOND };
        let connection = Connection::open("test", limits);
        connection.begin_head();
        connection.enter(Phase::Request);
        connection
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_may_take_as_long_as_it_makes_progress() {
        let connection = in_request();
        for _ in 0..5 {
            tokio::time::advance(9 * SECOND).await;
            assert!(connection.deadline() > Instant::now());
            connection.written(1);
        }
        connection.write_blocked();
        assert_eq!(connection.deadline(), Instant::now() + SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_may_ask_for_more_time() {
        let connection = in_request();
        connection.allow(100 * SECOND);
        assert_eq!(connection.deadline(), Instant::now() + 100 * SECOND);
        connection.write_blocked();
        assert_eq!(connection.deadline(), Instant::now() + SECOND, "the client may not");
        connection.written(1);
        assert_eq!(
            connection.deadline(),
            Instant::now() + 100 * SECOND,
            "between parts the handler may"
        );
        connection.enter(Phase::Request);
        connection.written(1);
        assert_eq!(connection.deadline(), Instant::now() + 10 * SECOND, "the next one");
        connection.enter(Phase::Idle);
        connection.allow(100 * SECOND);
        assert_eq!(connection.deadline(), Instant::now() + SECOND, "of a request alone");
    }
}
