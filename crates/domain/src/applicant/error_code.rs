//! The reasons why a field can be invalid: codes for programs. Texts for people belong to the API
//! layer.

use std::fmt;

/// Why a field is invalid.
///
/// The order of the variants is the order in which the rules are applied: a field reports the first
/// that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorCode {
    /// Not a string.
    Type,
    /// Missing, null, or blank.
    Required,
    /// A name over 100 code points or an address over 254 bytes.
    TooLong,
    /// A name with a forbidden character, or without a letter.
    InvalidCharacters,
    /// Not one e-mail address by the HTML standard's rule.
    InvalidEmail,
    /// A student with this e-mail address exists.
    AlreadyRegistered,
}

impl ErrorCode {
    /// Whether the page's script can find it: it sees text alone, and no other registration.
    #[must_use]
    pub const fn is_found_by_script(self) -> bool {
        match self {
            Self::Required | Self::TooLong | Self::InvalidCharacters | Self::InvalidEmail => true,
            Self::Type | Self::AlreadyRegistered => false,
        }
    }

    /// The name used in problem bodies and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::InvalidCharacters => "invalid_characters",
            Self::InvalidEmail => "invalid_email",
            Self::AlreadyRegistered => "already_registered",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
