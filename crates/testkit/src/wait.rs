//! Waiting for what can only be asked for.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Asks again and again, twenty times a second, until the answer is yes; no, where it is not in
/// time. For what tells nobody when it happens; whatever else there is to wait for is better.
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
