//! The rules of reading, each by files made for it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod any_bytes;
mod csv_text;
mod encodings;
mod kinds;
mod limits;
mod round_trip;
mod support;
mod workbooks;
