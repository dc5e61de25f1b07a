//! Registrations: students with the idempotency keys of their requests.

pub(crate) mod idempotency_keys;
pub(crate) mod queries;
pub(crate) mod store;
pub(crate) mod writer;
