//! Bounds work that has no timeout of its own: file locks, and the client library's connecting.

use std::{sync::mpsc, thread, time::Duration};

/// Runs `work` on a thread of its own and waits for it, up to `timeout`; `None` where it takes longer.
/// The thread goes on until the work ends.
pub(crate) fn run<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, done) = mpsc::channel();
    thread::spawn(move || sender.send(work()).is_ok());
    done.recv_timeout(timeout).ok()
}
