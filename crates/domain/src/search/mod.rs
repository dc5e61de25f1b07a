//! The words by which students are found: the same on every backend, whatever its collation.

mod fold;
mod words;

pub use self::words::{IndexedWords, SearchTooLong, SearchWords};
