//! A receiver of OTLP, over HTTP and over gRPC, that keeps what it is sent.

mod decode;

use std::{
    collections::BTreeMap,
    io::Read as _,
    net::SocketAddr,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::{
        ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use prost::Message as _;
use tokio::{net::TcpListener, runtime::Runtime};
use tonic::{codec::CompressionEncoding, transport::server::TcpIncoming};

use self::decode::{logs, spans};
use super::{LogRecord, Span, emitted};

/// How long a test waits for what it expects.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(30);

/// What a receiver does with what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverMode {
    /// Takes it and keeps it.
    Accept,
    /// Takes it, and keeps none of it.
    Discard,
    /// Keeps it, and says that it has rejected one.
    RejectOne,
    /// Answers 503, or `UNAVAILABLE`.
    Unavailable,
    /// Takes it in and never answers.
    Hang,
}

/// A receiver on free ports of the loopback interface, gone when dropped.
pub struct OtlpReceiver {
    http: SocketAddr,
    grpc: SocketAddr,
    inbox: Arc<Inbox>,
    // Dropped from outside of it.
    runtime: Option<Runtime>,
}

struct Inbox {
    received: Mutex<Received>,
    changed: Condvar,
}

struct Received {
    behaviour: ReceiverMode,
    requests: usize,
    headers: BTreeMap<String, String>,
    messages: Vec<Vec<u8>>,
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
}

impl OtlpReceiver {
    /// A receiver that takes everything.
    #[must_use]
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inbox = Arc::new(Inbox {
            received: Mutex::new(Received {
                behaviour: ReceiverMode::Accept,
                requests: 0,
                headers: BTreeMap::new(),
                messages: Vec::new(),
                spans: Vec::new(),
                logs: Vec::new(),
            }),
            changed: Condvar::new(),
        });
        let (http, grpc) = runtime.block_on(serve(&inbox));
        Self { http, grpc, inbox, runtime: Some(runtime) }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` takes, for HTTP.
    #[must_use]
    pub fn http_endpoint(&self) -> String {
        format!("http://{}", self.http)
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` takes, for gRPC.
    #[must_use]
    pub fn grpc_endpoint(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// Does this with whatever comes from now on.
    pub fn set_mode(&self, behaviour: ReceiverMode) {
        self.inbox.received.lock().unwrap().behaviour = behaviour;
    }

    /// How many requests have come, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.inbox.received.lock().unwrap().requests
    }

    /// The headers of the last request over HTTP.
    #[must_use]
    pub fn headers(&self) -> BTreeMap<String, String> {
        self.inbox.received.lock().unwrap().headers.clone()
    }

    /// Every message so far, as it came, decompressed: more than spans and log records show.
    #[must_use]
    pub fn messages(&self) -> Vec<Vec<u8>> {
        self.inbox.received.lock().unwrap().messages.clone()
    }

    /// Every span so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.inbox.received.lock().unwrap().spans.clone()
    }

    /// Every log record so far.
    #[must_use]
    pub fn logs(&self) -> Vec<LogRecord> {
        self.inbox.received.lock().unwrap().logs.clone()
    }

    /// Waits until this number of requests has arrived.
    ///
    /// # Panics
    ///
    /// Where they do not.
    pub fn wait_for_requests(&self, count: usize) {
        self.wait_until(|received| received.requests >= count);
    }

    /// Waits until the spans are such, and returns them.
    ///
    /// # Panics
    ///
    /// Where they never are; with their names.
    #[must_use]
    pub fn wait_for_spans(&self, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        self.wait_until(|received| enough(&received.spans));
        self.spans()
    }

    /// Waits until the log records are such, and returns them.
    ///
    /// # Panics
    ///
    /// Where they never are.
    #[must_use]
    pub fn wait_for_logs(&self, enough: impl Fn(&[LogRecord]) -> bool) -> Vec<LogRecord> {
        self.wait_until(|received| enough(&received.logs));
        self.logs()
    }

    fn wait_until(&self, happened: impl Fn(&Received) -> bool) {
        let deadline = Instant::now() + RECEIVE_TIMEOUT;
        let mut received = self.inbox.received.lock().unwrap();
        while !happened(&received) {
            let left = deadline.saturating_duration_since(Instant::now());
            let names: Vec<_> = received.spans.iter().map(|span| &span.name).collect();
            assert!(!left.is_zero(), "not received in time; received: {names:?}");
            received = self.inbox.changed.wait_timeout(received, left).unwrap().0;
        }
    }
}

impl Drop for OtlpReceiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(inbox: &Arc<Inbox>) -> (SocketAddr, SocketAddr) {
    let router = Router::new()
        .route("/v1/traces", post(http_traces))
        .route("/v1/logs", post(http_logs))
        .with_state(Arc::clone(inbox));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let grpc = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .add_service(
            TraceServiceServer::new(Grpc(Arc::clone(inbox)))
                .accept_compressed(CompressionEncoding::Gzip),
        )
        .add_service(
            LogsServiceServer::new(Grpc(Arc::clone(inbox)))
                .accept_compressed(CompressionEncoding::Gzip),
        );
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    (http, grpc)
}

/// What is wrong with a request, if it is not taken.
struct Refused;

impl Inbox {
    /// Keeps a message, unless told to behave otherwise. Returns how many of its parts it rejects.
    async fn take(
        &self,
        message: impl prost::Message,
        add: impl FnOnce(&mut Received),
    ) -> Result<i64, Refused> {
        let behaviour = {
            let mut received = self.received.lock().unwrap();
            received.requests += 1;
            if matches!(received.behaviour, ReceiverMode::Accept | ReceiverMode::RejectOne) {
                received.messages.push(message.encode_to_vec());
                add(&mut received);
            }
            self.changed.notify_all();
            received.behaviour
        };
        match behaviour {
            ReceiverMode::Accept | ReceiverMode::Discard => Ok(0),
            ReceiverMode::RejectOne => Ok(1),
            ReceiverMode::Unavailable => Err(Refused),
            ReceiverMode::Hang => std::future::pending().await,
        }
    }

    async fn take_traces(
        &self,
        request: ExportTraceServiceRequest,
    ) -> Result<ExportTraceServiceResponse, Refused> {
        let spans = spans(request.clone());
        emitted().record_spans(&spans);
        let rejected_spans = self.take(request, |received| received.spans.extend(spans)).await?;
        let partial = ExportTracePartialSuccess { rejected_spans, ..Default::default() };
        Ok(ExportTraceServiceResponse { partial_success: (rejected_spans > 0).then_some(partial) })
    }

    async fn take_logs(
        &self,
        request: ExportLogsServiceRequest,
    ) -> Result<ExportLogsServiceResponse, Refused> {
        let logs = logs(request.clone());
        emitted().record_logs(&logs);
        let rejected_log_records =
            self.take(request, |received| received.logs.extend(logs)).await?;
        let partial = ExportLogsPartialSuccess { rejected_log_records, ..Default::default() };
        Ok(ExportLogsServiceResponse {
            partial_success: (rejected_log_records > 0).then_some(partial),
        })
    }
}

async fn http_traces(
    State(inbox): State<Arc<Inbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    inbox.received.lock().unwrap().headers = header_texts(&headers);
    let request = ExportTraceServiceRequest::decode(&plain(&headers, &body)[..]).unwrap();
    answer(inbox.take_traces(request).await)
}

async fn http_logs(
    State(inbox): State<Arc<Inbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    let request = ExportLogsServiceRequest::decode(&plain(&headers, &body)[..]).unwrap();
    answer(inbox.take_logs(request).await)
}

fn answer(taken: Result<impl prost::Message, Refused>) -> (StatusCode, Vec<u8>) {
    match taken {
        Ok(response) => (StatusCode::OK, response.encode_to_vec()),
        Err(Refused) => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
    }
}

fn plain(headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
    if headers.get("content-encoding").is_none_or(|coding| coding != "gzip") {
        return body.to_vec();
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
    plain
}

fn header_texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// The receiver's services over gRPC.
struct Grpc(Arc<Inbox>);

impl From<Refused> for tonic::Status {
    fn from(Refused: Refused) -> Self {
        Self::unavailable("as told")
    }
}

#[tonic::async_trait]
impl TraceService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        Ok(tonic::Response::new(self.0.take_traces(request.into_inner()).await?))
    }
}

#[tonic::async_trait]
impl LogsService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportLogsServiceRequest>,
    ) -> Result<tonic::Response<ExportLogsServiceResponse>, tonic::Status> {
        Ok(tonic::Response::new(self.0.take_logs(request.into_inner()).await?))
    }
}
