//! What the office does. Every change is one transaction with its journal entry.

pub mod access;
pub mod checklist;
pub mod demo;
pub mod exports;
pub mod failures;
pub mod imports;
pub mod jobs;
pub mod journal;
mod office;
pub mod once;
pub mod operations;
pub mod password_hasher;
pub mod probe;
pub mod secret;
pub mod sign_in;
mod sign_in_delays;
pub mod staff;
pub mod students;
pub mod today;
pub mod tokens;

pub use self::office::{DeskError, Office, RequestContext};
