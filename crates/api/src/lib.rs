//! The service over HTTP: routes, pages, configuration and the command line.
//!
//! [`run`] is the program. [`serve_with`] starts it over other implementations of the domain's
//! ports: see `examples/other-store.rs`.
//!
//! A registration passes through `web/middleware`, then `features/registration`: `handler.rs` reads
//! the body, `request.rs` decodes it, the use case of `registration-application` stores it, and
//! `response.rs` or `error.rs` answers.
//!
//! # Add a feature
//!
//! 1. A folder or file in `features/` with its handlers, and a struct with what they use. A feature
//!    imports `web`, `i18n` and the layers below, never another feature.
//! 2. Its paths in `web/paths.rs`, and a row each in `routes.rs`: routes, CORS, zero series and the
//!    table in `docs/api.md` follow from the row.
//! 3. Its part of `AppState` in `state.rs`.
//! 4. Its errors as a `Problem` (`web/problem.rs`), their texts in `i18n/messages.rs`.
//! 5. Tests over HTTP in `tests/api/`; then `make docs`.

mod cli;
mod clock;
mod config;
mod connection;
#[cfg(test)]
mod documentation;
mod features;
#[doc(hidden)]
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod i18n;
mod office;
mod openapi;
mod routes;
mod server;
mod state;
mod telemetry;
mod version;
mod web;

pub use self::{
    cli::{run, serve_with},
    office::DeskStores,
    state::Stores,
};
