//! One worker's connection: opening it, and one request and its answer over it. What a request says
//! is `people.rs`'s business, and what an answer means `worker.rs`'s.

use std::{
    future::Future,
    io, mem,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri,
    body::Body as _,
    client::conn::http1::{self, SendRequest},
    header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, LOCATION, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, Sleep},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

type Driver = http1::Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// Where the service is.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Every address that the host has; they are tried in this order.
    pub(crate) addresses: Arc<[SocketAddr]>,
    /// What the `Host` header says.
    pub(crate) authority: HeaderValue,
    /// How long a connection, and an answer, may take to come.
    pub(crate) patience: Duration,
}

/// What came back of a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The `Location` header, where it was asked for.
    pub(crate) location: Option<Arc<str>>,
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There was no connection, or it was lost.
    Connection,
    /// The answer took too long.
    Timeout,
}

/// A connection that is opened when it is needed, and again after it was lost.
pub(crate) struct Client {
    target: Target,
    open: Option<Connection>,
    alarm: Alarm,
    /// The last answer's headers: room for the next request's.
    headers: HeaderMap,
}

/// hyper's two halves of a connection.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    ended: bool,
}

impl Client {
    pub(crate) fn new(target: Target) -> Self {
        let alarm = Alarm::new(target.patience);
        Self { target, open: None, alarm, headers: HeaderMap::new() }
    }

    /// Another one to the same service, without a connection yet.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.target.clone())
    }

    /// Opens a connection unless there is one that works.
    ///
    /// # Errors
    ///
    /// What the operating system says, or hyper.
    pub(crate) async fn connect(&mut self) -> io::Result<()> {
        // Closed while nobody used it, as services do after a while: no request is lost with it.
        if let Some(connection) = &mut self.open
            && connection.is_usable().await
        {
            return Ok(());
        }
        self.open = None;
        let connecting = tokio::time::timeout(self.target.patience, self.target.connect());
        self.open = Some(connecting.await.map_err(|_| io::ErrorKind::TimedOut)??);
        Ok(())
    }

    /// Posts a registration and reads its answer to the end. Wants [`Client::connect`] before.
    ///
    /// # Errors
    ///
    /// After one the connection is closed.
    pub(crate) async fn post(
        &mut self,
        content_type: &HeaderValue,
        key: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut connection = self.open.take().ok_or(Failure::Connection)?;
        let asks_location = key.is_some();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static("/register");
        let headers = request.headers_mut();
        *headers = mem::take(&mut self.headers);
        headers.clear();
        headers.insert(HOST, self.target.authority.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static("registration-load"));
        headers.insert(CONTENT_TYPE, content_type.clone());
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, key);
        }

        let Connection { sender, driver, ended } = &mut connection;
        let exchange = async {
            sender.ready().await?;
            let (head, mut body) = sender.send_request(request).await?.into_parts();
            while !body.is_end_stream() {
                match body.frame().await {
                    Some(frame) => drop(frame?),
                    None => break,
                }
            }
            Ok((head.status, head.headers))
        };
        let (status, headers) = self.alarm.watch(drive(driver, ended, exchange)).await?;
        let location = headers.get(LOCATION).filter(|_| asks_location);
        let location = location.and_then(|value| value.to_str().ok()).map(Arc::from);
        self.headers = headers;
        self.open = Some(connection);
        Ok(Answer { status, location })
    }
}

impl Target {
    async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(&*self.addresses).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) =
            http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        Ok(Connection { sender, driver, ended: false })
    }
}

impl Connection {
    /// Whether the other side has left it open, as far as one can know.
    async fn is_usable(&mut self) -> bool {
        if !self.ended {
            let driver = &mut self.driver;
            self.ended =
                std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *driver).poll(cx).is_ready()))
                    .await;
        }
        !self.ended && !self.sender.is_closed()
    }
}

/// Polls an exchange and the connection that it takes place on in one task: two would wake each
/// other several times for each request.
async fn drive<T>(
    driver: &mut Driver,
    ended: &mut bool,
    exchange: impl Future<Output = hyper::Result<T>>,
) -> Result<T, Failure> {
    let mut exchange = pin!(exchange);
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = exchange.as_mut().poll(cx) {
            return Poll::Ready(done.map_err(|_| Failure::Connection));
        }
        *ended = Pin::new(&mut *driver).poll(cx).is_ready();
        match exchange.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(done.map_err(|_| Failure::Connection)),
            Poll::Pending if *ended => Poll::Ready(Err(Failure::Connection)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Ends what takes too long. Its timer is not set for each request, which would cost as much as
/// counting one: when it goes off early, it is set to when the present request's time is up.
struct Alarm {
    patience: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Alarm {
    fn new(patience: Duration) -> Self {
        Self { patience, timer: Box::pin(tokio::time::sleep(patience)) }
    }

    async fn watch<T>(
        &mut self,
        exchange: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + self.patience;
        let mut exchange = pin!(exchange);
        std::future::poll_fn(|cx| match exchange.as_mut().poll(cx) {
            Poll::Pending if self.is_over(deadline, cx) => Poll::Ready(Err(Failure::Timeout)),
            poll => poll,
        })
        .await
    }

    fn is_over(&mut self, deadline: Instant, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return true;
            }
            self.timer.as_mut().reset(deadline);
        }
        false
    }
}
