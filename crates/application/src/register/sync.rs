//! What the idempotency locks wait with. `tests/interleavings` compiles them over a model of it.

pub(super) use parking_lot::Mutex;
pub(super) use tokio::time::timeout;
