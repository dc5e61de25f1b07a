//! The words of a student, and those of a search.

use std::collections::BTreeSet;

use super::fold::{fold, is_apostrophe, is_unspaced};
use crate::{PerField, StudentId};

/// Longest word, in characters; longer ones are cut.
const MAX_WORD_CHARS: usize = 40;
/// Most words of a search.
const MAX_SEARCH_WORDS: usize = 8;
/// Longest sort key, in characters.
const MAX_SORT_CHARS: usize = 120;
/// Digits of a registration number.
const NUMBER_DIGITS: usize = 12;
/// Begins no word: what is searched for where the text has no letter and no digit.
const UNFINDABLE: &str = "\u{10FFFF}";
/// Longest list of words, in bytes.
const MAX_WORDS_BYTES: usize = 1200;

/// What the search index holds of a student.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexedWords {
    /// Last name, then first name, folded: compared byte by byte.
    pub sort_key: String,
    /// The words, sorted, without those that begin another one.
    pub words: Vec<String>,
}

impl IndexedWords {
    /// The words of a student: of both names, of the address, and the registration number.
    #[must_use]
    pub fn of(id: StudentId, texts: &PerField<String>) -> Self {
        let PerField { first_name, last_name, email } = texts;
        let mut words = BTreeSet::new();
        for name in [first_name, last_name] {
            words.extend(name_words(name));
        }
        let address = fold(email);
        words.extend(letters_and_digits(&address).map(cut));
        words.insert(cut(&address));
        let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
        words.extend([cut(local), cut(domain)]);
        words.insert(number_of(id));
        // A search finds the beginnings of words: one that begins another is found by that.
        let mut words: Vec<_> = words.into_iter().rev().collect();
        words.dedup_by(|word, longer| longer.starts_with(word.as_str()));
        words.reverse();
        let mut bytes = 1;
        words.retain(|word| {
            bytes += word.len() + 1;
            !word.is_empty() && bytes <= MAX_WORDS_BYTES
        });
        let name = format!("{} {}", spaced(last_name), spaced(first_name));
        let sort_key = name.chars().take(MAX_SORT_CHARS).collect::<String>().trim_end().to_owned();
        Self { sort_key, words }
    }

    /// The words with a space before, between and behind them: `LIKE '% prefix%'` finds the same
    /// students as a look-up of each word.
    #[must_use]
    pub fn joined(&self) -> String {
        format!(" {} ", self.words.join(" "))
    }

    /// Whether every word of the search begins a word.
    #[must_use]
    pub fn matches(&self, search: &SearchWords) -> bool {
        let first = |prefix: &String| self.words.partition_point(|word| word < prefix);
        let begins = |prefix: &String| {
            self.words.get(first(prefix)).is_some_and(|word| word.starts_with(prefix))
        };
        search.words().iter().all(begins)
    }
}

/// The folded words of a search: each must begin a word of a student.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// Longest search text, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads what was typed. Blank text searches nothing; text without a letter or a digit finds
    /// nothing. A registration number stands alone, in groups or not; a student's id is its number.
    ///
    /// # Errors
    ///
    /// The text is too long.
    pub fn parse(text: &str) -> Result<Self, SearchTooLong> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(SearchTooLong);
        }
        let mut words: Vec<String> = Vec::new();
        // A registration number is read out in groups.
        let mut digits = String::new();
        for token in text.split_whitespace() {
            if let Ok(id) = token.parse::<StudentId>() {
                return Ok(Self(vec![number_of(id)]));
            }
            if is_number(token) {
                digits.extend(token.chars().filter(char::is_ascii_digit));
                continue;
            }
            words.extend(number(&mut digits));
            words.extend(token_words(token));
        }
        words.extend(number(&mut digits));
        if let Some(number) = words.iter().find(|word| is_whole_number(word)) {
            return Ok(Self(vec![number.clone()]));
        }
        let mut kept: Vec<String> = Vec::new();
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            if !kept.contains(&word) && kept.len() < MAX_SEARCH_WORDS {
                kept.push(word);
            }
        }
        if kept.is_empty() && !text.trim().is_empty() {
            kept.push(UNFINDABLE.to_owned());
        }
        kept.sort_unstable();
        Ok(Self(kept))
    }

    /// The words, sorted; empty where nothing is searched.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// Debug output shows no word: what is searched for is personal data.
impl std::fmt::Debug for SearchWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SearchWords({})", self.0.len())
    }
}

impl std::fmt::Debug for IndexedWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IndexedWords({})", self.words.len())
    }
}

/// A search has more than [`SearchWords::MAX_CHARS`] characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search text is too long")]
pub struct SearchTooLong;

/// The words of what was typed between two spaces.
fn token_words(token: &str) -> Vec<String> {
    let folded = fold(token);
    if folded.contains('@') {
        return vec![cut(folded.trim_matches(|c: char| !c.is_alphanumeric()))];
    }
    // Without its apostrophes: a name is found by this word however it was typed.
    let plain: String = folded.chars().filter(|c| !is_apostrophe(*c)).collect();
    letters_and_digits(&plain).map(cut).collect()
}

/// Whether it is digits, with any punctuation between them.
fn is_number(token: &str) -> bool {
    token.contains(|c: char| c.is_ascii_digit())
        && token.chars().all(|c| c.is_ascii_digit() || "-./,_".contains(c))
}

fn is_whole_number(word: &str) -> bool {
    word.len() == NUMBER_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A registration number as a word.
fn number_of(id: StudentId) -> String {
    id.registration_number().replace('-', "")
}

fn number(digits: &mut String) -> Option<String> {
    let digits = std::mem::take(digits);
    (!digits.is_empty()).then(|| cut(&digits))
}

/// The words of a name: split at everything that is no letter or digit; with an apostrophe both split
/// and joined (`O’Neil` is `o`, `neil` and `oneil`); without spaces also each letter.
fn name_words(name: &str) -> BTreeSet<String> {
    let folded = fold(name);
    let joined: String = folded.chars().filter(|c| !is_apostrophe(*c)).collect();
    let mut words: BTreeSet<String> = BTreeSet::new();
    for text in [&folded, &joined] {
        for word in letters_and_digits(text) {
            words.insert(cut(word));
            words.extend(word.chars().filter(|c| is_unspaced(*c)).map(String::from));
        }
    }
    words
}

/// A name with single spaces and without apostrophes and punctuation, folded.
fn spaced(name: &str) -> String {
    let folded: String = fold(name).chars().filter(|c| !is_apostrophe(*c)).collect();
    letters_and_digits(&folded).collect::<Vec<_>>().join(" ")
}

fn letters_and_digits(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexed(first_name: &str, last_name: &str, email: &str) -> IndexedWords {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap();
        let texts = PerField { first_name, last_name, email };
        IndexedWords::of(id, &texts.map(str::to_owned))
    }

    #[test]
    fn people_are_found_however_their_names_are_typed() {
        for (first, last, searches) in [
            ("Zoë", "Brontë", &["bronte", "BRONTË", "zoe bron", "bronte zoe", "Zoe\u{308}"][..]),
            ("Shaun", "O’Neil", &["oneil", "o'neil", "o’neil", "O`Neil", "neil", "o'ne"]),
            ("Łukasz", "Żółć", &["lukasz", "zolc", "łuk"]),
            ("Jürgen", "Groß", &["jurgen", "gross", "groß", "GROSS"]),
            ("Søren", "Ærø", &["soren", "aero", "ærø"]),
            ("İpek", "Işık", &["ipek", "isik", "ışık"]),
            ("Αλέξης", "Γιώργος", &["αλεξης", "γιωργος", "ΓΙΩΡΓΟΣ"]),
            ("Наталья", "Соколова", &["наталья", "СОКОЛ"]),
            ("太郎", "山田", &["山", "山田", "田", "太郎"]),
            ("นภา", "ใจดี", &["ใจดี", "นภา"]),
            ("Anne-Marie", "de la Cruz", &["marie", "anne-m", "cruz", "la cruz"]),
            ("Ana", "Ñandú", &["nandu", "ñandu"]),
            ("ﬁona", "Ｗｉｄｅ", &["fiona", "wide"]),
        ] {
            let words = indexed(first, last, "zoe.x+school@mail.example.org");
            for search in searches {
                let search_words = SearchWords::parse(search).unwrap();
                assert!(!search_words.words().is_empty(), "{search}");
                assert!(words.matches(&search_words), "{search} finds {first} {last}");
                // The same by the joined words, as a database compares them.
                let joined = words.joined();
                let found = |word: &String| joined.contains(&format!(" {word}"));
                assert!(search_words.words().iter().all(found), "{search} in {joined:?}");
            }
            for search in ["bronte neil", "xyz", "oneilx"] {
                assert!(!words.matches(&SearchWords::parse(search).unwrap()), "{search}");
            }
        }
    }

    #[test]
    fn addresses_and_registration_numbers_are_found() {
        let words = indexed("Zoë", "Brontë", "Zoe.Bronte+school@mail.example.org");
        for search in [
            "zoe.bronte+school@mail.example.org",
            "zoe.bronte+school@ma",
            "Zoe.Bronte",
            "school",
            "mail.example",
            "3912-5446-5937",
            "3912 5446 5937",
            "391254465937",
            "39125446",
            "3912-54 bronte",
            "3912.5446.5937",
            "n. 3912 5446 5937",
            "0190163d-8694-739b-aea5-966c26f8ad91",
            "@mail.example.org",
            "mail.example.org",
            "Zoe.Bronte+school",
        ] {
            assert!(words.matches(&SearchWords::parse(search).unwrap()), "{search}");
        }
        for search in ["5446", "bronte+other@mail.example.org"] {
            assert!(!words.matches(&SearchWords::parse(search).unwrap()), "{search}");
        }
    }

    #[test]
    fn searches_are_bounded_and_may_be_without_words() {
        assert_eq!(SearchWords::parse(&"x".repeat(201)), Err(SearchTooLong));
        for blank in ["", "  ", "\n"] {
            assert_eq!(SearchWords::parse(blank).unwrap().words(), [""; 0], "{blank:?}");
        }
        let words = indexed("Zoë", "Brontë", "zoe@example.org");
        for nothing in ["%_", "\u{301}\u{308}", "\u{202E}", "@", "—", "---", "🎉"] {
            let search = SearchWords::parse(nothing).unwrap();
            assert!(!search.words().is_empty() && !words.matches(&search), "{nothing:?}");
        }
        let many = SearchWords::parse("j i h g f e d c b a").unwrap();
        assert_eq!(many.words(), ["c", "d", "e", "f", "g", "h", "i", "j"], "the first eight");
        assert_eq!(SearchWords::parse("b a b").unwrap().words(), ["a", "b"]);
    }

    #[test]
    fn a_word_that_begins_another_is_left_out() {
        let words = indexed("Zoë Zo", "山田", "zoe.b@example.org").words;
        let expected =
            ["391254465937", "b", "example.org", "org", "zoe.b@example.org", "山田", "田"];
        assert_eq!(words, expected);
    }

    #[test]
    fn sort_keys_compare_as_people_expect() {
        let key = |first, last| indexed(first, last, "x@example.org").sort_key;
        assert_eq!(key("Zoë", "Brontë"), "bronte zoe");
        assert_eq!(key("Shaun", "O’Neil"), "oneil shaun");
        assert_eq!(key("Ana", "de  la Cruz"), "de la cruz ana");
        assert!(key("A", "Ångström") < key("A", "Zuse"));
    }

    #[test]
    fn long_words_are_cut_and_long_lists_end_at_a_word() {
        let long = "ab".repeat(50);
        let words = indexed(&long, "x", "x@example.org");
        assert!(words.words.contains(&"ab".repeat(20)));
        assert!(words.matches(&SearchWords::parse(&long).unwrap()));
        let many = (0..300).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let joined = indexed(&many, "x", "x@example.org").joined();
        assert!(joined.len() <= MAX_WORDS_BYTES && joined.ends_with(' '), "{}", joined.len());
    }

    #[test]
    fn debug_output_shows_no_word() {
        let search = SearchWords::parse("bronte zoe").unwrap();
        assert_eq!(format!("{search:?}"), "SearchWords(2)");
    }
}
