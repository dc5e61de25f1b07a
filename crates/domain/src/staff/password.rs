//! The rule for passwords (NIST SP 800-63B, section 5.1.1.2: length and a list, no character classes).

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::EmailAddress;

/// The common passwords that are long enough to be chosen, one a line, in lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password that a person may choose.
pub struct Password(String);

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`Password::MIN_CHARS`] characters.
    #[error("the password is too short")]
    TooShort,
    /// More than [`Password::MAX_BYTES`] bytes.
    #[error("the password is too long")]
    TooLong,
    /// The address, a part of it, or one that many people use.
    #[error("the password is easy to guess")]
    Common,
}

impl Password {
    /// Fewest characters.
    pub const MIN_CHARS: usize = 12;
    /// Most bytes: hashing takes time for each.
    pub const MAX_BYTES: usize = 1024;

    /// Checks a new password of the person with this address.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn choose(text: &str, email: &EmailAddress) -> Result<Self, PasswordError> {
        let password = Self::typed(text).ok_or(PasswordError::TooLong)?;
        let chars = password.0.chars().count();
        if chars < Self::MIN_CHARS {
            return Err(PasswordError::TooShort);
        }
        let plain = password.0.to_lowercase();
        let address = email.key();
        let local = address.split('@').next().unwrap_or_default();
        let mut letters = plain.chars().collect::<Vec<_>>();
        letters.sort_unstable();
        letters.dedup();
        let is_repetitive = letters.len() < 4;
        if plain == address || plain == local || is_repetitive || COMMON.lines().any(|c| c == plain)
        {
            return Err(PasswordError::Common);
        }
        Ok(password)
    }

    /// A password as typed at sign-in, normalised (NFKC, RFC 8265); `None` where it is too long to be
    /// one.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        (text.len() <= Self::MAX_BYTES).then(|| Self(text.nfkc().collect()))
    }

    /// The bytes to be hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// A stored password: a string in PHC format, with its parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_not_easy_to_guess() {
        let email = EmailAddress::parse("Ada.Lovelace@school.example").unwrap();
        let choose = |text: &str| Password::choose(text, &email).map(|_| ());
        for text in
            ["correct horse battery", "ÿ12 längere Wörter", "\u{1F40E}\u{1F50B} and a horse"]
        {
            assert_eq!(choose(text), Ok(()), "{text}");
        }
        assert_eq!(choose("eleven char"), Err(PasswordError::TooShort));
        assert_eq!(choose(&"ab cd ".repeat(200)), Err(PasswordError::TooLong));
        for text in [
            "ada.lovelace",
            "ADA.lovelace@school.example",
            "123456789012",
            "Password1234",
            "aaaaaaaaaaaaaaaa",
            "abababababababab",
        ] {
            assert_eq!(choose(text), Err(PasswordError::Common), "{text}");
        }
        assert!(COMMON.lines().all(|line| line.chars().count() >= Password::MIN_CHARS));
        assert!(COMMON.lines().all(|line| line == line.to_lowercase()));
    }

    #[test]
    fn the_same_password_typed_on_another_keyboard_has_the_same_bytes() {
        let composed = Password::typed("Zoë").unwrap();
        assert_eq!(composed.as_bytes(), Password::typed("Zoe\u{308}").unwrap().as_bytes());
        assert_eq!(format!("{composed:?}"), "Password");
    }
}
