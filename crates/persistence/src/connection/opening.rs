//! Opens a connection to a server within a bounded time, and finds its socket.
//!
//! The client library waits without end for a server that accepts a connection and does not greet.
//! A thread of its own therefore opens each connection. Openings of the process take turns, so that
//! the new socket is this connection's.

use std::time::{Duration, Instant};

use diesel::MysqlConnection;
use parking_lot::Mutex;
use url::Url;

use crate::{
    connection::{
        mysql,
        server_socket::{OpenSockets, Peer, ServerSocket},
        watchdog::SessionLimits,
    },
    error::ConnectionError,
    timeout,
};

/// Attempts to open a connection whose socket can be distinguished from others. More than one is needed where
/// other code of the process connects to the same port at the same moment, as tests do.
const ATTEMPTS: u32 = 20;

static TURN: Mutex<()> = Mutex::new(());

/// Opens a connection with its session set up.
pub(crate) fn connect(
    url: &Url,
    limits: SessionLimits,
) -> Result<(MysqlConnection, ServerSocket), ConnectionError> {
    let timed_out = || ConnectionError::TimedOut(limits.connect);
    let deadline = Instant::now() + limits.connect;
    let peer = Peer::of(url);
    for _ in 0..ATTEMPTS {
        let _turn = TURN.try_lock_until(deadline).ok_or_else(timed_out)?;
        let before = OpenSockets::now()?;
        let (address, left) = (url.clone(), deadline.saturating_duration_since(Instant::now()));
        let Some(opened) = timeout::run(left, move || mysql::connect(&address, limits)) else {
            // Ends the thread. While the server cannot be reached there is no connection yet, and
            // the system's own timeout ends it, after about two minutes.
            before.opened_since(peer)?.iter().for_each(ServerSocket::shut_down);
            return Err(timed_out());
        };
        let connection = opened?;
        let mut sockets = before.opened_since(peer)?;
        if let (Some(socket), true) = (sockets.pop(), sockets.is_empty()) {
            return Ok((connection, socket));
        }
    }
    Err(ConnectionError::UnknownSocket)
}

impl SessionLimits {
    /// How long a session waits for a change of the tables, in whole seconds: less than for the
    /// answer to a statement, so that a locked table is answered, and is no reason to end the
    /// connection.
    pub(crate) fn lock_wait_seconds(self) -> u64 {
        self.statement.saturating_sub(Duration::from_secs(1)).as_secs().clamp(1, 60)
    }

    /// After how many seconds without a statement MariaDB rolls an open transaction back: its locks
    /// end with it where the server does not notice that the connection has ended.
    pub(crate) fn idle_transaction_seconds(self) -> u64 {
        self.statement.as_secs().clamp(1, 3600)
    }
}
