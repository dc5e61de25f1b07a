//! The stream between a socket and the HTTP library, which passes on one request at a time.
//!
//! The next request is read when the response to the one before has been written, so that each
//! phase of the connection is known here, a head is examined before the library sees it, and
//! nothing after a request that closes the connection is served.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::io::poll_read_buf;

use super::{
    chunks::Chunks,
    head::{self, Body, Head, MAX_HEAD},
    refusal::Refusal,
    state::{Connection, Phase},
};

/// How many bytes are read at once.
const READ_SIZE: usize = 4 * 1024;

/// Maximum bytes that are read and dropped: of a body that has been answered already, or after a
/// refusal. Closing earlier would reset the connection, and the client could lose the answer.
const MAX_REMAINDER: usize = 256 * 1024;

/// What is passed on to the HTTP library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// Nothing until the head is whole.
    Head,
    /// This many bytes: a head, with its body or before a chunked one.
    Length {
        left: u64,
        is_chunked: bool,
    },
    Chunked(Chunks),
    UntilClose,
    /// Nothing until the request is answered.
    Complete,
}

/// The stream.
pub(super) struct RequestStream {
    io: TcpStream,
    pub(super) connection: Rc<Connection>,
    /// Received, and not passed on yet.
    input: BytesMut,
    /// Where an unfinished head ended when it was last examined.
    examined: usize,
    framing: Framing,
    /// The reader, while it waits for a response to be written.
    parked: Option<Waker>,
    remainder: usize,
    /// What is left of the answer to a refused head.
    refusal: Option<(Refusal, Bytes)>,
    is_shut_down: bool,
}

impl RequestStream {
    pub(super) fn new(io: TcpStream, connection: Rc<Connection>) -> Self {
        Self {
            io,
            connection,
            input: BytesMut::new(),
            examined: 0,
            framing: Framing::Head,
            parked: None,
            remainder: 0,
            refusal: None,
            is_shut_down: false,
        }
    }

    /// Reads more from the socket: whether there was any.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        // Within a head no more than it may hold: a larger buffer would be twice as large.
        let rest = MAX_HEAD.saturating_sub(self.input.len()).max(1);
        self.input.reserve(READ_SIZE.min(rest));
        let received = ready!(poll_read_buf(Pin::new(&mut self.io), cx, &mut self.input))?;
        Poll::Ready(Ok(received > 0))
    }

    /// Examines the head at the beginning of the input, if there is more than before.
    fn examine_head(&mut self) {
        if self.examined == 0 {
            self.skip_line_breaks();
        }
        if self.input.len() == self.examined {
            return;
        }
        self.connection.begin_head();
        self.examined = self.input.len();
        match head::examine(&mut self.input) {
            Ok(None) => {}
            Ok(Some(Head { length, body })) => {
                let length = length as u64;
                self.framing = match body {
                    Body::Length(body) => {
                        let left = length.saturating_add(body);
                        Framing::Length { left, is_chunked: false }
                    }
                    Body::Chunked => Framing::Length { left: length, is_chunked: true },
                    Body::UntilClose => Framing::UntilClose,
                };
                self.connection.enter(Phase::Request);
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// Line breaks in front of a head are ignored (RFC 9112 2.2).
    fn skip_line_breaks(&mut self) {
        let breaks = self.input.iter().take_while(|byte| b"\r\n".contains(byte)).count();
        self.input.advance(breaks);
    }

    /// Passes on as much as there is and belongs to the request.
    fn pass_on(&mut self, out: &mut ReadBuf<'_>) {
        let mut length = self.input.len().min(out.remaining());
        let mut next = self.framing;
        match &mut next {
            Framing::Head | Framing::Complete => return,
            Framing::UntilClose => {}
            Framing::Length { left, is_chunked } => {
                length = length.min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= length as u64;
                if *left == 0 {
                    let is_chunked = *is_chunked;
                    next = if is_chunked {
                        Framing::Chunked(Chunks::START)
                    } else {
                        Framing::Complete
                    };
                }
            }
            Framing::Chunked(chunks) => {
                if let Some(end) = chunks.follow(&self.input[..length]) {
                    (length, next) = (end, Framing::Complete);
                }
            }
        }
        out.put_slice(&self.input[..length]);
        self.input.advance(length);
        self.framing = next;
        if self.connection.phase() == Phase::Remainder {
            self.remainder += length;
            if next == Framing::Complete {
                self.begin_next();
            }
        }
    }

    /// Waits for the response, or for the client to reset the connection.
    fn poll_disconnected(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut byte = [0];
        let is_idle = self.input.is_empty();
        if is_idle && ready!(self.io.poll_peek(cx, &mut ReadBuf::new(&mut byte)))? == 0 {
            return Poll::Ready(Ok(()));
        }
        self.parked = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The response is written: the next request, or the rest of this one's body.
    fn begin_next(&mut self) {
        if matches!(self.framing, Framing::Complete | Framing::Head) {
            self.framing = Framing::Head;
            (self.examined, self.remainder) = (0, 0);
            self.skip_line_breaks();
            if self.input.is_empty() {
                // Idle connections hold no buffer here.
                self.input = BytesMut::new();
                self.connection.enter(Phase::Idle);
            } else {
                self.connection.enter(Phase::Head);
            }
        } else {
            self.connection.enter(Phase::Remainder);
        }
        if let Some(reader) = self.parked.take() {
            reader.wake();
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some((refusal, refusal.answer()));
        self.connection.enter(Phase::Remainder);
    }

    /// Writes the answer of a refusal, then closes. The HTTP library sees the end of the stream.
    fn poll_refuse(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((_, answer)) = self.refusal.as_mut().filter(|(_, rest)| !rest.is_empty()) {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, answer))?;
            answer.advance(written);
        }
        // A client that was too slow does not hold the connection any longer.
        let sends_more = self.refusal.as_ref().is_some_and(|(why, _)| *why != Refusal::Timeout);
        self.poll_close(cx, sends_more)
    }

    /// Closes for writing, then reads and drops what the client still sends.
    fn poll_close(&mut self, cx: &mut Context<'_>, mut sends_more: bool) -> Poll<io::Result<()>> {
        if !self.is_shut_down {
            ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
            self.is_shut_down = true;
            self.connection.enter(Phase::Remainder);
        }
        loop {
            self.remainder += self.input.len();
            self.input.clear();
            if self.remainder > MAX_REMAINDER {
                return Poll::Ready(Ok(()));
            }
            match self.poll_receive(cx) {
                Poll::Ready(Ok(true)) => sends_more = true,
                Poll::Pending if sends_more => return Poll::Pending,
                Poll::Pending | Poll::Ready(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncRead for RequestStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.connection.take_expired_head() {
            this.refuse(Refusal::Timeout);
        }
        loop {
            if this.refusal.is_some() {
                return this.poll_refuse(cx);
            }
            match this.framing {
                Framing::Complete => return this.poll_disconnected(cx),
                _ if this.remainder > MAX_REMAINDER => return Poll::Ready(Ok(())),
                Framing::Head => this.examine_head(),
                _ if !this.input.is_empty() => {
                    this.pass_on(out);
                    return Poll::Ready(Ok(()));
                }
                _ => {}
            }
            let needs_input = match this.framing {
                Framing::Head => this.refusal.is_none(),
                _ => this.input.is_empty(),
            };
            if needs_input && !ready!(this.poll_receive(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for RequestStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        match &written {
            Poll::Pending => this.connection.write_blocked(),
            Poll::Ready(Ok(count)) => this.connection.written(*count),
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.io).poll_flush(cx))?;
        if this.connection.take_answered() {
            this.begin_next();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_close(cx, false)
    }
}
