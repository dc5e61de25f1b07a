//! Ends a connection whose phase has lasted too long.

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::state::{Connection, Expiry};

pin_project! {
    /// Serves a connection until it ends, or its deadline passes.
    pub(super) struct Watchdog<F> {
        #[pin]
        serving: F,
        // Set to the earliest deadline since it last fired: phases begin far more often than they
        // expire.
        #[pin]
        timer: Sleep,
        connection: Rc<Connection>,
    }
}

impl<F> Watchdog<F> {
    pub(super) fn new(serving: F, connection: Rc<Connection>) -> Self {
        Self { serving, timer: sleep_until(connection.deadline()), connection }
    }
}

impl<F: Future<Output = Result<(), E>>, E> Future for Watchdog<F> {
    type Output = Result<(), E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if let Poll::Ready(served) = this.serving.as_mut().poll(cx) {
                return Poll::Ready(served);
            }
            // Every phase begins while the connection is served, in this task.
            loop {
                let deadline = this.connection.deadline();
                if deadline < this.timer.deadline() {
                    this.timer.as_mut().reset(deadline);
                }
                ready!(this.timer.as_mut().poll(cx));
                if deadline <= Instant::now() {
                    break;
                }
                this.timer.as_mut().reset(deadline);
            }
            if this.connection.expire() == Expiry::Close {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
