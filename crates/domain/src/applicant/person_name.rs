//! A first or last name, in any script.

use std::{borrow::Cow, fmt, sync::LazyLock};

use regex::Regex;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use validator::{ValidateLength as _, ValidateRegex as _};

use super::{invisible, pattern::pattern};
use crate::ErrorCode;

/// Characters that no name may contain: control characters, bidirectional embeddings, overrides and isolates,
/// the replacement character, private-use code points and noncharacters.
static FORBIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"[\p{Cc}\p{Co}\p{Noncharacter_Code_Point}",
        r"\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FFFD}]",
    ))
});

/// A letter of any script, of which every name contains one. A Hangul filler is a letter by category;
/// normalisation removes it, because it is not displayed.
static LETTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{L}"));

/// A person's first or last name.
///
/// Normalised: Unicode NFC, no invisible characters (ZWJ, ZWNJ and variation selectors between letters
/// excepted), no white space at the ends, inner runs of white space (line breaks included) folded to
/// one space. One to [`PersonName::MAX_CODE_POINTS`] code points, at least one
/// of them a letter. `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Maximum length, in Unicode code points after normalisation.
    pub const MAX_CODE_POINTS: u64 = 100;

    /// Normalises and checks a name.
    ///
    /// # Errors
    ///
    /// The first rule that fails: `required`, `too_long` or `invalid_characters`.
    pub fn parse(raw: &str) -> Result<Self, ErrorCode> {
        if raw.trim().is_empty() {
            return Err(ErrorCode::Required);
        }
        let name = normalised(raw).split_whitespace().collect::<Vec<_>>().join(" ");
        if !name.validate_length(None, Some(Self::MAX_CODE_POINTS), None) {
            return Err(ErrorCode::TooLong);
        }
        if name.validate_regex(&*FORBIDDEN) || !name.validate_regex(&*LETTER) {
            return Err(ErrorCode::InvalidCharacters);
        }
        Ok(Self(name))
    }

    /// The normalised name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// NFC without invisible characters. Composition can turn the mark before a joiner into part of a
/// symbol, and removal can bring characters together that compose: both are repeated until neither
/// changes the text.
fn normalised(raw: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(raw);
    loop {
        let visible = invisible::removed_from_name(&name);
        if visible == name && is_nfc(&visible) {
            return name;
        }
        name = Cow::Owned(visible.nfc().collect());
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName([{} chars])", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_name() {
        let name = PersonName::parse("Zoë").unwrap();
        assert_eq!(format!("{name:?}"), "PersonName([3 chars])");
    }

    #[test]
    fn a_joiner_behind_a_mark_that_composes_with_a_symbol_is_removed() {
        let name = PersonName::parse("a=\u{338}\u{200D}b").unwrap();
        assert_eq!(name.as_str(), "a≠b");
        assert_eq!(PersonName::parse(name.as_str()), Ok(name));
    }

    #[test]
    fn a_letter_is_a_letter_and_nothing_that_looks_like_one() {
        // Alphabetic by Unicode's derived property, but symbols, marks or numbers by category.
        for not_a_letter in ["Ⓐ", "\u{0345}", "Ⅷ", "٣"] {
            assert_eq!(PersonName::parse(not_a_letter), Err(ErrorCode::InvalidCharacters));
        }
    }

    #[test]
    fn every_forbidden_range_is_refused_from_end_to_end() {
        let edges = [
            '\u{0}',
            '\u{8}',
            '\u{E}',
            '\u{1F}',
            '\u{7F}',
            '\u{84}',
            '\u{86}',
            '\u{9F}',
            '\u{202A}',
            '\u{202E}',
            '\u{2066}',
            '\u{2069}',
            '\u{FFFD}',
            '\u{E000}',
            '\u{F8FF}',
            '\u{F0000}',
            '\u{FFFFD}',
            '\u{100000}',
            '\u{10FFFD}',
            '\u{FDD0}',
            '\u{FDEF}',
            '\u{FFFE}',
            '\u{FFFF}',
            '\u{1FFFE}',
            '\u{10FFFF}',
        ];
        for edge in edges {
            assert_eq!(
                PersonName::parse(&format!("Ja{edge}ne")),
                Err(ErrorCode::InvalidCharacters),
                "U+{:04X}",
                u32::from(edge)
            );
        }
    }

    #[test]
    fn the_neighbours_of_the_forbidden_ranges_are_welcome() {
        for neighbour in [
            '\u{200C}', '\u{200D}', '\u{200E}', '\u{202F}', '\u{2065}', '\u{F900}', '\u{FDCF}',
            '\u{FDF0}',
        ] {
            let name = PersonName::parse(&format!("Ja{neighbour}ne"));
            assert!(name.is_ok(), "U+{:04X}", u32::from(neighbour));
        }
    }
}
