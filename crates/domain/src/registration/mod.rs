//! One attempt to register, and how its repetitions are recognised.

mod idempotency_key;
mod new_registration;
mod stored_key;

pub use self::{
    idempotency_key::{IdempotencyKey, InvalidIdempotencyKey},
    new_registration::NewRegistration,
    stored_key::{KeyDecision, StoredKey},
};
