//! An error and its sources in one line, for logs.

use std::error::Error;

/// The error's text, then its source's, and so on, joined by colons.
#[must_use]
pub fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
