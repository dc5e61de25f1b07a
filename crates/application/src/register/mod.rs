//! One attempt to register: bot check, validation, idempotency lock, insert.

mod bot_check;
mod form_token;
mod idempotency_lock;
mod register;
mod request;
mod sync;
#[cfg(test)]
mod tests;

pub use self::{
    bot_check::BotSignal,
    form_token::{FormSecret, UnknownAge, is_confirmed_token, is_form_token, without_prefix},
    idempotency_lock::{IdempotencyLocks, KeyGuard},
    register::{Attempt, RegisterError, RegisterStudent, RegistrationResult},
    request::{KeySource, RegistrationContext, RegistrationRequest},
};
