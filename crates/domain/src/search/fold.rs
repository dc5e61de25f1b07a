//! Folding: from text as people write it to letters that can be compared byte by byte.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Folds text: compatibility decomposition without marks (Unicode NFKD), lower case, and the letters
/// that decomposition leaves alone.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for letter in letters.filter(|c| !is_combining_mark(*c)) {
        match expansion(letter) {
            Some(expansion) => folded.push_str(expansion),
            None => folded.push(letter),
        }
    }
    folded
}

/// Letters with a stroke, a hook or a ligature, which have no decomposition.
const fn expansion(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' | 'ǽ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' | 'ɖ' => "d",
        'ł' | 'ƚ' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "k",
        'ŋ' => "n",
        'ŧ' => "t",
        'ƀ' | 'ɓ' => "b",
        'ƈ' => "c",
        'ɗ' => "d",
        'ǝ' | 'ə' | 'ɛ' => "e",
        'ɠ' | 'ǥ' => "g",
        'ɨ' => "i",
        'ƙ' => "k",
        'ɲ' => "n",
        'ɔ' | 'ɵ' => "o",
        'ƥ' => "p",
        'ƭ' | 'ʈ' => "t",
        'ʉ' => "u",
        'ʋ' => "v",
        'ƴ' => "y",
        'ƶ' => "z",
        'ς' => "σ",
        _ => return None,
    })
}

/// Apostrophes, and the letters that are typed for one.
pub(super) const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | 'ʹ' | '`' | '´' | '＇')
}

/// Scripts that are written without spaces: a word is looked for by each of its letters, too.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{3040}'..='\u{30FF}' // Kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' // Han
        | '\u{20000}'..='\u{3FFFF}')
}
