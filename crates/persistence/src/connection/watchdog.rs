//! Writes off connections whose statement the database does not answer.
//!
//! The client library waits for an answer without end, and a connection in use keeps its place in
//! the pool. The watchdog, a thread for each pool, shuts down the socket of a session whose statement
//! is overdue: the library then fails at once, and the pool opens another connection.

use std::{
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use crate::connection::pool_metrics::PoolName;
#[cfg(feature = "mysql")]
use crate::connection::server_socket::ServerSocket;

/// How often a limit is checked while it lasts.
const CHECKS: u32 = 8;

/// How long a session may wait for the database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionLimits {
    /// Opening the connection and setting the session up; SQLite opens files, without a limit.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "of servers alone"))]
    pub(crate) connect: Duration,
    /// The answer to a statement.
    pub(crate) statement: Duration,
    /// The answer to a ping, which a caller waits for before it has a connection.
    pub(crate) ping: Duration,
}

/// Watches the sessions of a pool until it is dropped.
#[derive(Debug)]
pub(crate) struct Watchdog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sessions: Mutex<Sessions>,
    closed: Condvar,
}

#[derive(Debug)]
struct Sessions {
    watched: Vec<Weak<SessionWatch>>,
    is_closed: bool,
}

impl Watchdog {
    /// Starts the thread of this pool.
    pub(crate) fn start(pool: PoolName, limits: SessionLimits) -> Self {
        let sessions = Mutex::new(Sessions { watched: Vec::new(), is_closed: false });
        let shared = Arc::new(Shared { sessions, closed: Condvar::new() });
        let (watching, interval) =
            (Arc::clone(&shared), limits.statement.min(limits.ping) / CHECKS);
        thread::spawn(move || watching.run(pool, interval));
        Self(shared)
    }

    /// Watches this session for as long as it lives.
    pub(crate) fn watch(&self, session: &Arc<SessionWatch>) {
        self.0.sessions.lock().watched.push(Arc::downgrade(session));
    }

    /// Number of sessions whose statement has not returned although they were written off long ago:
    /// their places in the pool are lost until it does.
    pub(crate) fn stuck(&self) -> usize {
        let sessions = self.0.sessions.lock();
        sessions.watched.iter().filter_map(Weak::upgrade).filter(|watch| watch.is_stuck()).count()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.0.sessions.lock().is_closed = true;
        self.0.closed.notify_all();
    }
}

impl Shared {
    fn run(&self, pool: PoolName, interval: Duration) {
        let mut sessions = self.sessions.lock();
        while !sessions.is_closed {
            sessions.watched.retain(|session| {
                let session = session.upgrade();
                session.inspect(|session| session.write_off_if_overdue(pool)).is_some()
            });
            self.closed.wait_for(&mut sessions, interval);
        }
    }
}

/// What the watchdog knows of a session.
#[derive(Debug, Default)]
pub(crate) struct SessionWatch {
    /// `None` on SQLite, whose calls cannot be ended from outside.
    #[cfg(feature = "mysql")]
    socket: Option<ServerSocket>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Option<Waiting>,
    is_written_off: bool,
}

/// A wait for the database.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: Instant,
    limit: Duration,
}

/// Ends the wait when it is dropped, and goes on with the one around it.
pub(crate) struct WaitGuard<'a> {
    watch: &'a SessionWatch,
    around: Option<Waiting>,
}

impl SessionWatch {
    /// Of a connection with this socket.
    #[cfg(feature = "mysql")]
    pub(crate) fn of(socket: ServerSocket) -> Self {
        Self { socket: Some(socket), state: Mutex::default() }
    }

    /// Begins to wait for the database. Each statement may take as long as `limit`.
    pub(crate) fn begin(&self, limit: Duration) -> WaitGuard<'_> {
        let waiting = Waiting { since: Instant::now(), limit };
        let around = self.state.lock().waiting.replace(waiting);
        WaitGuard { watch: self, around }
    }

    /// A statement begins: the ones before it have been answered.
    pub(crate) fn statement_begins(&self) {
        if let Some(waiting) = &mut self.state.lock().waiting {
            waiting.since = Instant::now();
        }
    }

    /// Whether the connection was ended and must not be used again.
    pub(crate) fn is_written_off(&self) -> bool {
        self.state.lock().is_written_off
    }

    fn write_off_if_overdue(&self, pool: PoolName) {
        let mut state = self.state.lock();
        let overdue = state.waiting.as_ref().filter(|one| one.since.elapsed() >= one.limit);
        let Some(Waiting { limit, .. }) = overdue.filter(|_| !state.is_written_off) else { return };
        let seconds = limit.as_secs_f64();
        // Under the lock: the statement cannot end, and another begin, in between.
        #[cfg(feature = "mysql")]
        if let Some(socket) = &self.socket {
            socket.shut_down();
        }
        state.is_written_off = true;
        drop(state);
        pool.count_stuck();
        tracing::warn!(seconds, "Database connection written off");
    }

    fn is_stuck(&self) -> bool {
        let state = self.state.lock();
        state.waiting.as_ref().is_some_and(|waiting| waiting.since.elapsed() >= 2 * waiting.limit)
    }
}

impl Drop for WaitGuard<'_> {
    fn drop(&mut self) {
        self.watch.state.lock().waiting = self.around;
    }
}

#[cfg(test)]
mod tests {
    use registration_testkit::wait_until;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(80);
    const LONG: Duration = Duration::from_secs(20);

    fn watched() -> (Watchdog, Arc<SessionWatch>) {
        let limits = SessionLimits { connect: LONG, statement: LIMIT, ping: LONG };
        let watchdog = Watchdog::start(PoolName::REGISTRATION, limits);
        let session = Arc::default();
        watchdog.watch(&session);
        (watchdog, session)
    }

    #[test]
    fn a_statement_without_an_answer_is_written_off_and_stuck_until_it_returns() {
        let (watchdog, session) = watched();
        let waiting = session.begin(LIMIT);
        assert!(!session.is_written_off() && watchdog.stuck() == 0);
        assert!(wait_until(LONG, || session.is_written_off()));
        assert!(wait_until(LONG, || watchdog.stuck() == 1));
        drop(session.begin(LONG));
        assert_eq!(watchdog.stuck(), 1, "a wait within goes back to the one around it");
        drop(waiting);
        assert_eq!(watchdog.stuck(), 0);
        assert!(session.is_written_off());
    }

    #[test]
    fn each_statement_has_the_whole_limit_and_an_idle_session_none() {
        let (_watchdog, session) = watched();
        let began = Instant::now();
        let waiting = session.begin(LIMIT);
        assert!(wait_until(4 * LIMIT, || {
            session.statement_begins();
            began.elapsed() > 3 * LIMIT
        }));
        drop(waiting);
        assert!(!wait_until(3 * LIMIT, || session.is_written_off()));
    }
}
