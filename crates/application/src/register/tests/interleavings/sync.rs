//! A model of `register/sync.rs` under shuttle. Of tokio's lock, only the order of its calls is varied.

use std::{pin::pin, task::Poll, time::Duration};

use shuttle::{
    rand::{Rng as _, thread_rng},
    sync,
};

/// A limit that is reached after a few steps; every other one never is.
pub(super) const SOON: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(super) fn lock(&self) -> sync::MutexGuard<'_, T> {
        self.0.lock().unwrap()
    }
}

/// The future's output, or an error once the limit is reached.
pub(super) async fn timeout<F: Future>(limit: Duration, future: F) -> Result<F::Output, ()> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending if limit == SOON && thread_rng().gen_bool(0.3) => Poll::Ready(Err(())),
        Poll::Pending => {
            if limit == SOON {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        }
    })
    .await
}
