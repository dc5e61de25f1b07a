//! Connections: a limit for their number, a time limit for each of their phases, and what every
//! request must be before the application sees it.
//!
//! The HTTP library limits the time of a connection's first head and of its idle periods. Here a
//! stream of our own (`stream.rs`) passes on one request at a time, so that the phase of each
//! connection is known (`state.rs`), and a watchdog (`watchdog.rs`) ends it when the phase has
//! lasted too long: `docs/adr/0028`.

mod chunks;
mod expect;
mod head;
mod limit;
mod refusal;
mod service;
mod state;
mod stream;
mod watchdog;

use std::{fmt, future, io, net::TcpListener, rc::Rc, time::Duration};

use actix_http::{HttpMessage as _, HttpService, KeepAlive, Protocol, Request, Response};
use actix_server::ServerBuilder;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt as _, apply_fn_factory, fn_factory,
    fn_service, map_config,
};
use actix_web::{
    HttpRequest,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{AppConfig, Service},
};
use futures_util::{FutureExt as _, TryFutureExt as _, future::Either};
use tokio::net::TcpStream;

use self::{
    expect::{Answer, Begun, answer_or_continue},
    service::watched,
    state::Connection,
    stream::RequestStream,
    watchdog::Watchdog,
};
pub(crate) use self::{limit::ConnectionLimits, state::TimeLimits};

/// How much longer the HTTP library waits than the watchdog, which counts what it ends.
const LIBRARY_GRACE: Duration = Duration::from_secs(1);

/// Lets the handler of this request take as long as `limit` until its answer begins, and between parts of it.
pub(crate) fn allow(request: &HttpRequest, limit: Duration) {
    if let Some(connection) = request.conn_data::<Rc<Connection>>() {
        connection.allow(limit);
    }
}

/// Adds a listener that serves `application`, a factory for each worker, over `listener`.
pub(crate) fn listen<F, I, S, B>(
    server: ServerBuilder,
    name: &'static str,
    listener: TcpListener,
    limits: TimeLimits,
    application: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let (address, stopping) = (listener.local_addr()?, server.graceful_shutdown_signal());
    server.listen(name, listener, move || {
        let stopping = stopping.clone();
        let application = application()
            .into_factory()
            .map_err(|error| Response::from(error.into().error_response()));
        let application = map_config(application, |()| AppConfig::default());
        let application = apply_fn_factory(application, |request: Request, application: &_| {
            let connection = request.conn_data::<Rc<Connection>>().cloned();
            let version = request.version();
            let response = Service::call(application, request);
            response.map_ok(move |response| watched(response.into(), version, connection))
        });
        let shared = expect::Application::default();
        let created = Rc::clone(&shared);
        let application = fn_factory(move || {
            let (service, created) = (application.new_service(()), Rc::clone(&created));
            async move {
                let service = Rc::new(service.await?);
                let shared = Rc::clone(&service);
                let _ = created.set(Box::new(move |request| answer(shared.call(request))));
                Ok::<_, S::InitError>(service)
            }
        });
        let application = apply_fn_factory(application, |request: Request, application: &Rc<_>| {
            let begun = request.extensions_mut().remove::<Begun>();
            // No async blocks: each would copy the future that it captures, which is large.
            match begun {
                None => Either::Left(
                    application
                        .call(request)
                        .map_ok(|response| response.map_body(|_, body| EitherBody::left(body))),
                ),
                Some(Begun(answer)) => Either::Right(
                    answer.map(|answer| Ok(answer.map_body(|_, body| EitherBody::right(body)))),
                ),
            }
        });
        let expect = fn_service(move |request| answer_or_continue(Rc::clone(&shared), request));
        // The watchdog limits the time of idle periods and heads. The library lingers before it
        // closes only where it has a limit for that.
        let keep_alive =
            if limits.keep_alive.is_zero() { KeepAlive::Disabled } else { KeepAlive::Os };
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(limits.client + LIBRARY_GRACE)
            .local_addr(address)
            .on_connect_ext(|stream: &RequestStream, extensions| {
                extensions.insert(Rc::clone(&stream.connection));
            })
            .expect(expect)
            .finish(application);
        apply_fn_factory(http, move |io: TcpStream, http: &_| {
            // Reset before it was accepted: a client without an address would have no quota.
            let Ok(client) = io.peer_addr() else { return Either::Right(future::ready(Ok(()))) };
            let connection = Rc::new(Connection::open(name, limits));
            let stream = RequestStream::new(io, Rc::clone(&connection));
            let serving = Service::call(http, (stream, Protocol::Http1, Some(client)));
            Either::Left(Watchdog::new(serving, connection))
        })
    })
}

/// A response with its type erased.
fn answer<B: MessageBody + 'static>(
    response: impl Future<Output = Result<Response<B>, Response<BoxBody>>> + 'static,
) -> Answer {
    Box::pin(async { response.await.map_or_else(|error| error, Response::map_into_boxed_body) })
}
