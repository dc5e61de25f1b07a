//! Waits for an insert without a runtime.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use registration_domain::{InsertFuture, InsertOutcome, RepositoryError};

/// Waits for an insert on this thread.
///
/// # Errors
///
/// The error of the insert.
pub fn wait(insert: InsertFuture) -> Result<InsertOutcome, RepositoryError> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut insert = pin!(insert);
    loop {
        match insert.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

/// Starts these inserts, then waits for each.
pub fn wait_all(
    inserts: impl IntoIterator<Item = InsertFuture>,
) -> Vec<Result<InsertOutcome, RepositoryError>> {
    let inserts: Vec<_> = inserts.into_iter().collect();
    inserts.into_iter().map(wait).collect()
}
