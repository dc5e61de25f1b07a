//! What an item asks for.

use std::fmt;

/// What an item asks for: 1 to 120 characters. That of a single student's item may hold personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskTitle(String);

impl TaskTitle {
    /// Longest title, in characters.
    pub const MAX_CHARS: usize = 120;

    /// Trims the text, and makes a space of each run of white space and control characters.
    ///
    /// # Errors
    ///
    /// Nothing is left, or the title is too long.
    pub fn parse(text: &str) -> Result<Self, TaskTitleError> {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let title = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match title.chars().count() {
            0 => Err(TaskTitleError::Missing),
            count if count > Self::MAX_CHARS => Err(TaskTitleError::TooLong),
            _ => Ok(Self(title)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TaskTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskTitle({} characters)", self.0.chars().count())
    }
}

/// Why a title was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskTitleError {
    /// There is no text.
    #[error("the title is missing")]
    Missing,
    /// It has more than [`TaskTitle::MAX_CHARS`] characters.
    #[error("the title is too long")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_up_to_120_characters() {
        let parse = |text: &str| TaskTitle::parse(text).map(|title| title.as_str().to_owned());
        assert_eq!(parse("  Fee \n paid\u{0} ").as_deref(), Ok("Fee paid"));
        assert_eq!(parse(" \u{0}\n"), Err(TaskTitleError::Missing));
        assert_eq!(parse(&"ë".repeat(120)).map(|title| title.chars().count()), Ok(120));
        assert_eq!(parse(&"ë".repeat(121)), Err(TaskTitleError::TooLong));
        let title = TaskTitle::parse("Birth certificate");
        assert!(!format!("{title:?}").contains("Birth"));
    }
}
