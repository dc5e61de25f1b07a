//! Waiting for what can only be asked for.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Polls twenty times a second until `is_so` holds; `false` where it does not within `limit`. For
/// conditions without an event to wait for.
pub fn wait_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
