//! One field of a request, before any rule is applied.

use crate::ErrorCode;

/// One field as received.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum RawField {
    /// Absent, or null.
    #[default]
    Missing,
    /// A string of any content.
    Text(String),
    /// A number, a list or any other value that is not a string.
    NotText,
}

impl RawField {
    /// The string, if one was received.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::NotText => None,
        }
    }

    /// Applies `parse` to the string. Anything else fails with `type` or `required`.
    pub(super) fn parse<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, ErrorCode>,
    ) -> Result<T, ErrorCode> {
        match self {
            Self::NotText => Err(ErrorCode::Type),
            Self::Missing => Err(ErrorCode::Required),
            Self::Text(text) => parse(text),
        }
    }
}

impl From<&str> for RawField {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl std::fmt::Debug for RawField {
    /// Shows the shape, never the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::NotText => f.write_str("not text"),
            Self::Text(text) => write!(f, "[{} chars]", text.chars().count()),
        }
    }
}
