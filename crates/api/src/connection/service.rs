//! The application as the HTTP library calls it: tells the connection when a response ends, and
//! answers HTTP/1.0 in its own framing.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{ConnectionType, Response};
use actix_web::{
    body::{BodySize, MessageBody},
    http::Version,
    web::Bytes,
};
use pin_project_lite::pin_project;

use super::state::Connection;

pin_project! {
    /// A response's body, dropped when the HTTP library has all of it.
    pub(super) struct WatchedBody<B> {
        #[pin]
        body: B,
        end: ResponseEnd,
    }
}

struct ResponseEnd(Option<Rc<Connection>>);

impl Drop for ResponseEnd {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.answered();
        }
    }
}

impl<B: MessageBody> MessageBody for WatchedBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(cx)
    }
}

/// Prepares a response for its connection.
pub(super) fn watched<B: MessageBody>(
    mut response: Response<B>,
    version: Version,
    connection: Option<Rc<Connection>>,
) -> Response<WatchedBody<B>> {
    // RFC 9112 6.1: HTTP/1.0 knows no chunks. A body of unknown length ends with the connection.
    if version < Version::HTTP_11 && response.body().size() == BodySize::Stream {
        let head = response.head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    response.map_body(|_, body| WatchedBody { body, end: ResponseEnd(connection) })
}
