//! Applicants with names as unevenly spread as real ones: the most frequent first name is one of
//! eight, the rarest one of a few thousand.

use registration_applicants::{Applicant, NAMES};

/// Most frequent first.
const FIRST: &str = include_str!("first_names.txt");
const LAST: &str = include_str!("last_names.txt");
/// Longest prefix that is searched for, in letters.
const MAX_PREFIX: u64 = 12;

/// Reproducible numbers (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of `list`, the first of which are more frequent: the logarithm of the rank is uniform.
    fn frequent<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (list.len() as f64 + 1.0).powf(uniform) - 1.0;
        list[(rank as usize).min(list.len() - 1)]
    }
}

/// The names to choose from.
pub(crate) struct Names {
    first: Vec<&'static str>,
    last: Vec<&'static str>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { first: FIRST.split_whitespace().collect(), last: LAST.split_whitespace().collect() }
    }

    /// The applicant with this number: always the same.
    pub(crate) fn applicant(&self, number: u64) -> Applicant {
        let random = &mut Random(number);
        random.next();
        let (mut first_name, mut last_name) =
            (random.frequent(&self.first).to_owned(), random.frequent(&self.last).to_owned());
        match random.below(100) {
            0..20 => first_name = format!("{first_name} {}", random.frequent(&self.first)),
            20..28 => last_name = format!("{last_name}-{}", random.frequent(&self.last)),
            28..31 => {
                let (first, last) = NAMES[random.below(NAMES.len() as u64) as usize];
                (first_name, last_name) = (first.to_owned(), last.to_owned());
            }
            _ => {}
        }
        let domains = ["example.org", "mail.example", "school.example", "post.example"];
        let (first, last) = (address_part(&first_name), address_part(&last_name));
        let email = format!("{first}.{last}{number}@{}", domains[random.below(4) as usize]);
        Applicant { first_name, last_name, ..Applicant::new(email) }
    }

    /// What a registrar types: the beginnings of words of applicants below `students`. Of two words,
    /// every other pair belongs to one applicant.
    pub(crate) fn search(&self, words: usize, number: u64, students: u64) -> String {
        let random = &mut Random(number ^ (words as u64) << 32);
        let one = self.applicant(random.below(students));
        let other = match number % 2 {
            0 => self.applicant(random.below(students)),
            _ => one.clone(),
        };
        let texts = [one.first_name, other.last_name];
        // Of one word, first and last names take turns.
        let texts = if words == 1 { &texts[number as usize % 2..][..1] } else { &texts[..] };
        let prefixes = texts.iter().map(|text| {
            let all: Vec<_> = text.split([' ', '-']).collect();
            let word = all[random.below(all.len() as u64) as usize];
            word.chars().take(1 + random.below(MAX_PREFIX) as usize).collect::<String>()
        });
        prefixes.collect::<Vec<_>>().join(" ")
    }
}

/// What an address takes of a name.
fn address_part(name: &str) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    if letters.is_empty() { "student".to_owned() } else { letters.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn some_names_are_frequent_and_some_are_rare() {
        let names = Names::new();
        let mut counts: HashMap<String, u32> = HashMap::new();
        for number in 0..10_000 {
            let Applicant { first_name, .. } = names.applicant(number);
            *counts.entry(first_name).or_default() += 1;
        }
        assert_eq!(names.applicant(7), names.applicant(7));
        assert!(names.first.len() > 200 && names.last.len() > 250);
        assert!(counts["Maria"] > 700, "{}", counts["Maria"]);
        assert!(counts["Makena"] < 20, "{}", counts["Makena"]);
    }

    #[test]
    fn a_search_has_as_many_words_as_asked_for() {
        let names = Names::new();
        for number in 0..100 {
            for words in [1, 2] {
                let search = names.search(words, number, 1000);
                assert_eq!(search.split(' ').count(), words, "{search:?}");
            }
        }
    }
}
