//! Code points that are not displayed: Unicode's `Default_Ignorable_Code_Point`
//! (DerivedCoreProperties.txt, in the version of the `regex` crate). They arrive with pasted text.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use super::pattern::pattern;

/// Every ignorable code point, except those with rules of their own: ZWNJ, ZWJ and variation
/// selectors, which belong to the spelling of names, and bidirectional controls, which no name may
/// contain.
static REMOVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"[\p{Default_Ignorable_Code_Point}--",
        r"[\u{200C}\u{200D}\p{Variation_Selector}\u{202A}-\u{202E}\u{2066}-\u{2069}]]+",
    ))
});

/// Joiners and variation selectors that follow no letter.
static WITHOUT_LETTER_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(^|[^\p{L}\p{M}\u{200C}\u{200D}])[\u{200C}\u{200D}\p{Variation_Selector}]+")
});

/// Joiners and variation selectors that precede no letter.
static WITHOUT_LETTER_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[\u{200C}\u{200D}\p{Variation_Selector}]+($|[^\p{L}\p{M}\u{200C}\u{200D}])")
});

/// White space and ignorable code points at the ends.
static ENDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^[\p{White_Space}\p{Default_Ignorable_Code_Point}]+|",
        r"[\p{White_Space}\p{Default_Ignorable_Code_Point}]+$",
    ))
});

/// Any of them: most texts have none.
static IGNORABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Default_Ignorable_Code_Point}"));

/// A name without invisible characters. ZWNJ, ZWJ and variation selectors stay between letters;
/// combining marks count as letters here. Bidirectional controls stay, to be refused.
pub(super) fn removed_from_name(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || !IGNORABLE.is_match(name) {
        return Cow::Borrowed(name);
    }
    let visible = REMOVED.replace_all(name, "");
    let visible = WITHOUT_LETTER_BEFORE.replace_all(&visible, "$1");
    Cow::Owned(WITHOUT_LETTER_BEHIND.replace_all(&visible, "$1").into_owned())
}

/// A text without white space and invisible characters at its ends.
pub(super) fn trimmed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    ENDS.replace_all(text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joiners_and_selectors_stay_between_letters_only() {
        for (name, visible) in [
            ("\u{915}\u{94D}\u{200D}\u{937}", "\u{915}\u{94D}\u{200D}\u{937}"),
            ("a\u{200D}\u{FE0F}b", "a\u{200D}\u{FE0F}b"),
            ("\u{845B}\u{E0100}\u{98FE}", "\u{845B}\u{E0100}\u{98FE}"),
            ("\u{200D}a\u{200C}", "a"),
            ("a\u{200D} \u{200D}b", "a b"),
            ("a\u{200D}-\u{FE0F}", "a-"),
            ("\u{200C}\u{200D}", ""),
        ] {
            assert_eq!(removed_from_name(name), visible, "{}", name.escape_unicode());
        }
    }

    #[test]
    fn every_other_ignorable_code_point_is_removed() {
        let ignorable = pattern(r"^\p{Default_Ignorable_Code_Point}$");
        let kept = pattern(
            r"^[\u{200C}\u{200D}\p{Variation_Selector}\u{202A}-\u{202E}\u{2066}-\u{2069}]$",
        );
        let mut removed = 0;
        // Beyond these planes there is none.
        for character in ('\0'..='\u{1FFFF}').chain('\u{E0000}'..='\u{E0FFF}').map(String::from) {
            let is_removed = removed_from_name(&format!("a{character}b")) == "ab";
            let is_ignorable = ignorable.is_match(&character) && !kept.is_match(&character);
            assert_eq!(is_removed, is_ignorable, "{}", character.escape_unicode());
            removed += u32::from(is_removed);
        }
        // DerivedCoreProperties.txt 16.0 has 4,174 of them: 260 variation selectors, 9 controls and
        // the two joiners have rules of their own.
        assert_eq!(removed, 4_174 - 260 - 9 - 2);
    }

    #[test]
    fn only_the_ends_of_a_text_are_trimmed() {
        assert_eq!(trimmed(" \u{200B}\u{FEFF}a\u{200B} b\u{202C}\u{85}"), "a\u{200B} b");
        assert_eq!(trimmed("\u{200B} "), "");
    }
}
