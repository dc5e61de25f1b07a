//! The languages of pages and problem bodies.

use super::{Messages, en, it};

/// A supported language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Italian,
}

impl Language {
    /// Every language; the first is the default.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Italian];

    /// The language's tag (BCP 47).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    /// The language's own name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Italian => "Italiano",
        }
    }

    /// The language with this tag, in any region: `it`, `it-CH`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language's messages.
    pub(crate) fn messages(self) -> &'static Messages {
        match self {
            Self::English => &en::MESSAGES,
            Self::Italian => &it::MESSAGES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
