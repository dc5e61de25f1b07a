//! Shortens exported texts: attributes, log messages and log lines hold what clients send, and must
//! not fill the export queues.

use std::borrow::Cow;

/// Maximum length of one exported text, in bytes of UTF-8.
pub(crate) const MAX_TEXT_BYTES: usize = 4096;

/// Ends a shortened text.
const MARK: &str = "…";

/// `text` if it has at most `max_bytes` bytes of UTF-8; otherwise its beginning, cut between two
/// characters and ended with `…`, in at most `max_bytes` bytes.
#[must_use]
pub fn shortened(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return text.into();
    }
    let end = text.floor_char_boundary(max_bytes.saturating_sub(MARK.len()));
    format!("{}{MARK}", &text[..end]).into()
}

/// Shortens an owned text to [`MAX_TEXT_BYTES`]; costs nothing if it is shorter.
pub(crate) fn shorten(text: &mut String) {
    if let Cow::Owned(short) = shortened(text, MAX_TEXT_BYTES) {
        *text = short;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_marked() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "abc…");
        assert_eq!(shortened("ééé", 6), "ééé");
        // The second é would end at the fourth byte.
        assert_eq!(shortened("éééé", 6), "é…");
        assert_eq!(shortened("😀😀", 7), "😀…");
        for text in ["é".repeat(9000), "😀".repeat(9000), "a".repeat(9000)] {
            let short = shortened(&text, MAX_TEXT_BYTES);
            assert!((MAX_TEXT_BYTES - 3..=MAX_TEXT_BYTES).contains(&short.len()));
            assert!(short.ends_with(MARK) && text.starts_with(short.trim_end_matches(MARK)));
        }
    }
}
