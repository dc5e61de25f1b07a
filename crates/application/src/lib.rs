//! The use cases, over the domain's ports: no HTTP, no SQL.
//!
//! - [`register`]: one attempt to register, from the request to a stored student.
//! - [`students`]: finding a registered student.
//! - [`desk`]: what the office does: signing in, the list, changes, staff and tokens.
//! - [`rate_limit`]: whether a client may try, as a decision.
//! - [`readiness`]: whether the store can serve, asked at most once a second.
//! - [`fault_injection`]: faults for drills, in front of the registration store alone.
//! - [`jobs`]: what runs at intervals beside the requests.
//! - [`blocking`]: the seam from asynchronous code to ports that block.
//! - [`threads`]: threads of its own for each kind of work that must not hold up another.
//! - [`redaction`]: what traces and logs may show of a request.
//!
//! # Add a use case
//!
//! A folder or file named as the use case, with a struct that holds its ports and settings, a
//! method that takes time and randomness as arguments, and an error enum of its own. The API layer
//! turns a request into the call, and the result into a response. Unit tests run over
//! `registration-contract`'s in-memory store.

pub mod blocking;
pub mod desk;
pub mod error_chain;
pub mod fault_injection;
#[doc(hidden)]
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod jobs;
pub mod rate_limit;
pub mod readiness;
pub mod redaction;
pub mod register;
pub mod students;
pub mod threads;

pub use error_chain::error_chain;
