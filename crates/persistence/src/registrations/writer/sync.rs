//! What the queue synchronises threads with. `tests/interleavings` compiles the queue over a model of it.

pub(super) use std::time::Instant;

pub(super) use parking_lot::{Condvar, Mutex};
