//! Where a student was registered, and in which trace.

use std::{fmt, str::FromStr};

use crate::student::status::UnknownName;

/// The way by which a student was registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Source {
    /// The public form.
    #[default]
    Form,
    /// The public API.
    Api,
    /// The office, for someone on the telephone or at the counter, or one of its programs.
    Desk,
    /// An imported file.
    Import,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Form, Self::Api, Self::Desk, Self::Import];

    /// The name used in JSON and in filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Api => "api",
            Self::Desk => "desk",
            Self::Import => "import",
        }
    }
}

impl FromStr for Source {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|source| source.as_str() == name).ok_or(UnknownName)
    }
}

/// The id of a trace (W3C Trace Context): sixteen bytes, not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id with these bytes; `None` where all are zero.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// The sixteen bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for TraceId {
    /// Thirty-two lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Where a student was registered, and in which trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The way.
    pub source: Source,
    /// The trace of the request, where it had one.
    pub trace_id: Option<TraceId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_thirty_two_digits_and_not_zero() {
        assert_eq!(TraceId::from_bytes([0; 16]), None);
        let id = TraceId::from_bytes([0, 1, 0xAF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]).unwrap();
        assert_eq!(id.to_string(), "0001af00000000000000000000000002");
    }

    #[test]
    fn sources_are_read_back() {
        for source in Source::ALL {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
    }
}
