//! Every word that people read, in every language. A language is one value of [`Words`]: where a
//! translation is missing, the program does not compile.

mod english;
mod italian;

use registration_domain::{ErrorCode, Field};

/// The languages that the service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Italian,
}

impl Language {
    /// Every language; the first is spoken to those who ask for none of them.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Italian];

    /// The language's tag (BCP 47).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    /// What the language calls itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Italian => "Italiano",
        }
    }

    /// The language with this tag, whatever the region: `it`, `it-CH`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language's words.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &english::WORDS,
            Self::Italian => &italian::WORDS,
        }
    }
}

/// A problem, in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// What kind of problem.
    pub(crate) title: &'static str,
    /// What to do about it.
    pub(crate) detail: &'static str,
}

/// Everything that is said in one language. `{seconds}` and `{minutes}` stand for numbers.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) site: &'static str,
    pub(crate) description: &'static str,
    pub(crate) choose_language: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) form: FormWords,
    pub(crate) registered: RegisteredWords,
    pub(crate) error_page: ErrorPageWords,
    pub(crate) first_name: FieldWords,
    pub(crate) last_name: FieldWords,
    pub(crate) email: FieldWords,
    pub(crate) already_registered: &'static str,
    pub(crate) problems: Problems,
}

/// The form.
#[derive(Debug)]
pub(crate) struct FormWords {
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) register: &'static str,
    pub(crate) error_prefix: &'static str,
    pub(crate) there_is_a_problem: &'static str,
    /// Beside the field that nobody should see.
    pub(crate) leave_empty: &'static str,
    pub(crate) used_again: &'static str,
    pub(crate) reference: &'static str,
    // What the script alone says.
    pub(crate) sending: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) retrying: &'static str,
}

/// The page that tells a student that all went well.
#[derive(Debug)]
pub(crate) struct RegisteredWords {
    /// The sentence of the API's answer.
    pub(crate) message: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) thanks: &'static str,
    pub(crate) number: &'static str,
    pub(crate) since: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) another: &'static str,
    pub(crate) months: [&'static str; 12],
}

/// The page for everything that is not about the form.
#[derive(Debug)]
pub(crate) struct ErrorPageWords {
    pub(crate) error: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) give_reference: &'static str,
    pub(crate) back: &'static str,
}

/// A field, and what to do about each of its errors.
#[derive(Debug)]
pub(crate) struct FieldWords {
    pub(crate) label: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) required: &'static str,
    pub(crate) not_text: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) invalid: &'static str,
}

/// What goes wrong.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) malformed: &'static str,
    pub(crate) not_whole: &'static str,
    pub(crate) not_an_object: &'static str,
    pub(crate) bad_json: &'static str,
    pub(crate) bad_form: &'static str,
    pub(crate) bad_key: &'static str,
    pub(crate) bad_spans: &'static str,
    pub(crate) bad_request: Text,
    pub(crate) not_found: Text,
    pub(crate) method_not_allowed: Text,
    pub(crate) request_timeout: Text,
    pub(crate) already_registered: Text,
    pub(crate) in_progress: Text,
    pub(crate) content_too_large: Text,
    pub(crate) unsupported_media_type: Text,
    pub(crate) invalid_fields: Text,
    pub(crate) key_reused: Text,
    pub(crate) please_confirm: Text,
    pub(crate) rate_limited: Text,
    pub(crate) email_limited: &'static str,
    pub(crate) retry_in_seconds: &'static str,
    pub(crate) retry_in_minutes: &'static str,
    pub(crate) foreign_origin: Text,
    pub(crate) unavailable: Text,
    pub(crate) not_ready: Text,
    pub(crate) timeout: Text,
    pub(crate) unexpected: Text,
}

impl Problems {
    /// When to come back, in the unit that people would use.
    pub(crate) fn retry_in(&self, seconds: u64) -> String {
        if seconds < 120 {
            // Never one: these texts are plurals.
            self.retry_in_seconds.replace("{seconds}", &seconds.max(2).to_string())
        } else {
            self.retry_in_minutes.replace("{minutes}", &seconds.div_ceil(60).to_string())
        }
    }
}

impl Words {
    /// What is said about a field.
    pub(crate) const fn field(&self, field: Field) -> &FieldWords {
        match field {
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::Email => &self.email,
        }
    }

    /// What to do about an error.
    pub(crate) const fn message(&self, field: Field, code: ErrorCode) -> &'static str {
        let words = self.field(field);
        match code {
            ErrorCode::Required => words.required,
            ErrorCode::Type => words.not_text,
            ErrorCode::TooLong => words.too_long,
            ErrorCode::InvalidCharacters | ErrorCode::InvalidEmail => words.invalid,
            ErrorCode::AlreadyRegistered => self.already_registered,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every text of a language, as its derived `Debug` quotes it.
    fn texts(language: Language) -> Vec<String> {
        let all = format!("{:#?}", language.words());
        let quoted = all.lines().filter_map(|line| line.split_once('"'));
        quoted.map(|(_, text)| text.rsplit_once('"').unwrap().0.to_owned()).collect()
    }

    #[test]
    fn nothing_is_left_untranslated() {
        let [english, italian] = Language::ALL.map(texts);
        assert_eq!(english.len(), italian.len());
        assert!(english.len() > 90);
        for (one, other) in english.iter().zip(&italian) {
            assert!(!one.trim().is_empty() && !other.trim().is_empty(), "{one:?}, {other:?}");
            assert_ne!(one, other);
            for number in ["{seconds}", "{minutes}"] {
                assert_eq!(one.contains(number), other.contains(number), "{one}");
            }
        }
        let distinct: BTreeSet<_> = italian.iter().collect();
        assert!(distinct.len() > 80, "texts repeat");
    }

    #[test]
    fn a_region_does_not_matter() {
        for (tag, language) in [
            ("it", Some(Language::Italian)),
            ("IT-ch", Some(Language::Italian)),
            ("en-GB", Some(Language::English)),
            ("ita", None),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}
