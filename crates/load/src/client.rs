//! One connection to the service: opening it, and one request and its answer at a time.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header::{HOST, HeaderValue, LOCATION},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// Where the service is.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The host's addresses, tried in this order.
    pub(crate) addresses: Arc<[SocketAddr]>,
    pub(crate) authority: HeaderValue,
    /// Of a connection attempt, and of an answer.
    pub(crate) timeout: Duration,
}

/// The part of an answer that results depend on.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<HeaderValue>,
}

/// Why there is no answer: `connection` or `timeout`.
pub(crate) type Failure = &'static str;

/// A connection that is opened on demand, and opened again after it was lost.
pub(crate) struct Client {
    target: Target,
    open: Option<Connection>,
}

impl Client {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, open: None }
    }

    /// Opens a connection unless one is open.
    pub(crate) async fn connect(&mut self) -> io::Result<()> {
        // Services close idle connections: noticed here, it costs no request.
        if let Some(connection) = &mut self.open
            && connection.is_open().await
        {
            return Ok(());
        }
        self.open = None;
        let connecting = timeout(self.target.timeout, Connection::open(&self.target.addresses));
        self.open = Some(connecting.await.map_err(|_| io::ErrorKind::TimedOut)??);
        Ok(())
    }

    /// Sends a request over the open connection and reads the whole answer. A failure closes the
    /// connection.
    pub(crate) async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Answer, Failure> {
        let mut connection = self.open.take().ok_or("connection")?;
        request.headers_mut().insert(HOST, self.target.authority.clone());
        let exchange = timeout(self.target.timeout, connection.exchange(request));
        let (answer, is_open) = exchange.await.map_err(|_| "timeout")?;
        let answer = answer.map_err(|_| "connection")?;
        self.open = is_open.then_some(connection);
        Ok(answer)
    }
}

/// hyper's two halves of a connection, polled by one task: two tasks would wake each other several
/// times per request.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: http1::Connection<TokioIo<TcpStream>, Full<Bytes>>,
}

impl Connection {
    async fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        let stream = TcpStream::connect(addresses).await?;
        stream.set_nodelay(true)?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, driver) = handshake.map_err(io::Error::other)?;
        Ok(Self { sender, driver })
    }

    /// Whether the service has left the connection open, as far as is known.
    async fn is_open(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = &mut self.driver => false,
            () = std::future::ready(()) => !self.sender.is_closed(),
        }
    }

    /// The answer, and whether the connection can be used again.
    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> (hyper::Result<Answer>, bool) {
        let Self { sender, driver } = self;
        let mut exchange = pin!(async {
            sender.ready().await?;
            let (head, mut body) = sender.send_request(request).await?.into_parts();
            while let Some(frame) = body.frame().await {
                frame?;
            }
            Ok(Answer { status: head.status, location: head.headers.get(LOCATION).cloned() })
        });
        tokio::select! {
            biased;
            answer = &mut exchange => (answer, true),
            // Closed: the exchange ends with what has been read until now.
            _ = driver => (exchange.await, false),
        }
    }
}
