//! `Expect: 100-continue` (RFC 9110 10.1.1): the client sends its body once the application first
//! reads it. What is refused by the head alone is refused without that.
//!
//! The HTTP library asks one service whether to continue, then calls another. Here the first calls
//! the application, and hands its unfinished answer to the second.

use std::{
    cell::{Cell, OnceCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{BoxedPayloadStream, HttpMessage as _, Payload, Request, Response};
use actix_web::{body::BoxBody, error::PayloadError, web::Bytes};
use futures_util::{Stream, future::LocalBoxFuture};

pub(super) type Answer = LocalBoxFuture<'static, Response<BoxBody>>;

/// The application, once its worker has created it.
pub(super) type Application = Rc<OnceCell<Box<dyn Fn(Request) -> Answer>>>;

/// The unfinished answer to a request whose body the application waits for.
pub(super) struct Begun(pub(super) Answer);

/// Calls the application: `Err` with its answer where it does not read the body, otherwise a request
/// that carries the unfinished answer.
pub(super) async fn answer_or_continue(
    application: Application,
    mut request: Request,
) -> Result<Request, Response<BoxBody>> {
    let Some(application) = application.get() else { return Ok(request) };
    let is_read = Rc::new(Cell::new(false));
    let payload = ReadNoted { payload: request.take_payload(), is_read: Rc::clone(&is_read) };
    *request.payload() = Payload::Stream { payload: Box::pin(payload) };
    let mut answer = application(request);
    let refused = poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if is_read.get() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    match refused.await {
        Some(refusal) => Err(refusal),
        None => {
            let continued = Request::new();
            continued.extensions_mut().insert(Begun(answer));
            Ok(continued)
        }
    }
}

/// A body that notes when it is read.
struct ReadNoted {
    payload: Payload<BoxedPayloadStream>,
    is_read: Rc<Cell<bool>>,
}

impl Stream for ReadNoted {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_read.set(true);
        Pin::new(&mut self.payload).poll_next(cx)
    }
}
