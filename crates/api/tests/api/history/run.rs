//! What the clients and the nemesis of a history share: where the instances are, which connections
//! are open, and what was recorded.

use std::{
    io,
    net::{Shutdown, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    connection::Connection,
    operation::{Answer, Operation, Request},
};

pub(super) struct Run {
    begun: Instant,
    /// The address of each instance; `None` while it is down.
    addresses: Vec<Mutex<Option<String>>>,
    /// The connection that each client has open.
    sockets: Vec<Mutex<Option<TcpStream>>>,
    history: Mutex<Vec<Operation>>,
    ended: AtomicUsize,
    is_over: AtomicBool,
}

impl Run {
    pub(super) fn new(instances: usize, clients: usize) -> Self {
        Self {
            begun: Instant::now(),
            addresses: (0..instances).map(|_| Mutex::default()).collect(),
            sockets: (0..clients).map(|_| Mutex::default()).collect(),
            history: Mutex::default(),
            ended: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    /// Since the history began.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn clients(&self) -> usize {
        self.sockets.len()
    }

    pub(super) fn instances(&self) -> usize {
        self.addresses.len()
    }

    pub(super) fn address(&self, instance: usize) -> Option<String> {
        self.addresses[instance].lock().unwrap().clone()
    }

    pub(super) fn set_address(&self, instance: usize, address: Option<&str>) {
        *self.addresses[instance].lock().unwrap() = address.map(str::to_owned);
    }

    /// Number of operations that have ended.
    pub(super) fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }

    pub(super) fn record(&self, operation: Operation) {
        self.history.lock().unwrap().push(operation);
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn into_history(self) -> Vec<Operation> {
        self.history.into_inner().unwrap()
    }

    /// Whether the nemesis has ended: clients then complete what is open.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Cuts the connection that this client has open, both ways.
    pub(super) fn cut(&self, client: usize) {
        if let Some(socket) = &*self.sockets[client].lock().unwrap() {
            let _ = socket.shutdown(Shutdown::Both); // fails where it is closed already
        }
    }
}

/// A client's way to the instances: one connection at a time.
pub(super) struct Sender<'a> {
    pub(super) run: &'a Run,
    pub(super) client: usize,
    open: Option<(String, Connection)>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(run: &'a Run, client: usize) -> Self {
        Self { run, client, open: None }
    }

    /// Sends one request. `None` where the instance is down, so that nothing was sent.
    pub(super) fn send(
        &mut self,
        instance: usize,
        request: &Request,
        timeout: Duration,
    ) -> Option<Operation> {
        let address = self.run.address(instance)?;
        let mut connection = match self.open.take() {
            Some((open, connection)) if open == address => connection,
            _ => {
                let connection = Connection::open(&address).ok()?;
                *self.run.sockets[self.client].lock().unwrap() = connection.socket().ok();
                connection
            }
        };
        let start = self.run.elapsed();
        let answer = match connection.send(request, timeout) {
            Ok((status, body)) => {
                self.open = Some((address, connection));
                Answer::of(status, &body)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Answer::Unknown(format!("given up after {timeout:?}"))
            }
            Err(error) => Answer::Unknown(error.to_string()),
        };
        let (request, end) = (request.clone(), self.run.elapsed());
        Some(Operation { client: self.client, instance, start, end, request, answer })
    }
}
