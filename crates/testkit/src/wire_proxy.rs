//! A TCP proxy on the loopback interface between the service and its MariaDB server, which breaks the
//! wire on command.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::TestDatabase;

/// What the proxy does with the bytes of every connection, open ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireMode {
    /// Passes everything on.
    Pass,
    /// Ends the connection instead of passing on the next `COMMIT` of a registration, then passes again.
    CutBefore,
    /// Passes on the next `COMMIT` of a registration, and ends the connection instead of passing on the answer.
    CutAfter,
    /// The same, after the first half of the answer.
    CutWithin,
    /// Accepts connections and passes nothing on. A connection on which anything was sent stays silent
    /// for ever, in every later mode: as one that a firewall has forgotten.
    Swallow,
    /// Passes on what the service sends so much later.
    Delay(Duration),
}

/// A proxy, which ends with its connections when dropped.
pub struct WireProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    mode: WireMode,
    is_closed: bool,
    /// Both ends of every connection.
    connections: Vec<TcpStream>,
    cuts: usize,
    swallowed: usize,
    /// Connections with a lower number are silent in every mode.
    forgotten: usize,
}

impl State {
    /// Whether nothing on this connection is passed on.
    fn swallows(&self, fate: &Fate) -> bool {
        self.mode == WireMode::Swallow || fate.number < self.forgotten
    }
}

impl WireProxy {
    /// A proxy in front of this database's server.
    #[must_use]
    pub fn start(database: &TestDatabase) -> Self {
        let (_, rest) = database.url().split_once('@').unwrap();
        let (server, _) = rest.split_once('/').unwrap();
        let server = server.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            mode: WireMode::Pass,
            is_closed: false,
            connections: Vec::new(),
            cuts: 0,
            swallowed: 0,
            forgotten: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let proxy = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if proxy.lock().is_closed {
                    return;
                }
                // A server that is down refuses, and so does the proxy.
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) {
                    proxy.connect(&client, &server).unwrap();
                }
            }
        });
        Self { address, shared }
    }

    /// The URL of a database on the server, by way of the proxy.
    #[must_use]
    pub fn url(&self, database: &TestDatabase) -> String {
        let (before, _) = database.url().split_once('@').unwrap();
        format!("{before}@{}/{}", self.address, database.name())
    }

    /// Does this from now on.
    pub fn set_mode(&self, mode: WireMode) {
        self.shared.lock().mode = mode;
    }

    /// The connections that are open now are silent from now on; those that are opened later are not.
    pub fn forget_connections(&self) {
        let mut state = self.shared.lock();
        state.forgotten = state.connections.len();
    }

    /// Number of connections that have fallen silent for ever, those that were not greeted included.
    #[must_use]
    pub fn swallowed(&self) -> usize {
        self.shared.lock().swallowed
    }

    /// Number of connections that were cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.shared.lock().cuts
    }
}

impl Drop for WireProxy {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_closed = true;
        for connection in state.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

/// What becomes of one connection.
#[derive(Default)]
struct Fate {
    /// The number of ends of earlier connections.
    number: usize,
    /// Registrations have been inserted on it: the office's connections insert none.
    registers: AtomicBool,
    /// The next answer is cut.
    cut_answer: AtomicBool,
    is_silent: AtomicBool,
}

/// What becomes of the bytes that were read.
enum Step {
    Pass,
    PassHalf,
    Cut,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn connect(self: &Arc<Self>, client: &TcpStream, server: &TcpStream) -> io::Result<()> {
        let number = self.lock().connections.len();
        for stream in [client, server] {
            stream.set_nodelay(true)?;
            self.lock().connections.push(stream.try_clone()?);
        }
        let fate = Arc::new(Fate { number, ..Fate::default() });
        let (statements, answers) = (Arc::clone(self), Arc::clone(self));
        let statement_fate = Arc::clone(&fate);
        let (from, to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || pump(from, to, |bytes| statements.statement(bytes, &statement_fate)));
        let (from, to) = (server.try_clone()?, client.try_clone()?);
        thread::spawn(move || pump(from, to, |_| answers.answer(&fate)));
        Ok(())
    }

    fn statement(&self, bytes: &[u8], fate: &Fate) -> Step {
        if contains(bytes, b"INSERT INTO `students`") {
            fate.registers.store(true, Ordering::Relaxed);
        }
        let is_commit = is_commit(bytes) && fate.registers.load(Ordering::Relaxed);
        let mut state = self.lock();
        if state.swallows(fate) {
            return self.swallow(state, fate);
        }
        match state.mode {
            WireMode::CutBefore if is_commit => {
                state.mode = WireMode::Pass;
                state.cuts += 1;
                return Step::Cut;
            }
            WireMode::CutAfter | WireMode::CutWithin if is_commit => {
                fate.cut_answer.store(true, Ordering::Relaxed);
            }
            WireMode::Delay(delay) => {
                let waits = |state: &mut State| !state.is_closed;
                drop(self.changed.wait_timeout_while(state, delay, waits).unwrap());
            }
            _ => {}
        }
        Step::Pass
    }

    fn answer(&self, fate: &Fate) -> Step {
        let mut state = self.lock();
        if fate.cut_answer.load(Ordering::Relaxed) {
            state.cuts += 1;
            let is_within = state.mode == WireMode::CutWithin;
            state.mode = WireMode::Pass;
            return if is_within { Step::PassHalf } else { Step::Cut };
        }
        if state.swallows(fate) {
            return self.swallow(state, fate);
        }
        Step::Pass
    }

    /// Holds a connection's bytes until the proxy is dropped.
    fn swallow(&self, mut state: MutexGuard<'_, State>, fate: &Fate) -> Step {
        if !fate.is_silent.swap(true, Ordering::Relaxed) {
            state.swallowed += 1;
        }
        drop(self.changed.wait_while(state, |state| !state.is_closed).unwrap());
        Step::Cut
    }
}

/// Passes bytes on until either end is closed, then closes both.
fn pump(mut from: TcpStream, mut to: TcpStream, mut step: impl FnMut(&[u8]) -> Step) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..count];
        let (passed, cut) = match step(bytes) {
            Step::Pass => (bytes, false),
            Step::PassHalf => (&bytes[..count / 2], true),
            Step::Cut => (&bytes[..0], true),
        };
        if to.write_all(passed).is_err() || cut {
            break;
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn contains(packet: &[u8], text: &[u8]) -> bool {
    packet.windows(text.len()).any(|window| window == text)
}

/// Whether a packet is a `COMMIT`: what makes a registration with a key durable.
fn is_commit(packet: &[u8]) -> bool {
    const COM_QUERY: u8 = 3;
    matches!(packet.get(4..), Some([COM_QUERY, text @ ..]) if text == b"COMMIT")
}
