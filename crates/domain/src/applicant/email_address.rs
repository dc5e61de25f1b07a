//! An e-mail address by the HTML standard's rule.

use std::{borrow::Cow, fmt, sync::LazyLock};

use regex::Regex;
use validator::ValidateRegex as _;

use super::{invisible, pattern::pattern};
use crate::ErrorCode;

/// The HTML standard's "valid e-mail address", with at least one dot in the domain.
///
/// Source: <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>. The standard
/// lets the last group repeat zero times; ours repeats at least once.
static HTML_EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+",
        r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
        r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$",
    ))
});

/// One e-mail address: ASCII, without white space and invisible characters at the ends, an internationalised domain in its ASCII form (UTS #46),
/// upper case kept as typed. `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Maximum length, in bytes (RFC 5321: a path of 256 less its angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Trims, converts and checks an address.
    ///
    /// # Errors
    ///
    /// The first rule that fails: `required`, `too_long` (as typed or in ASCII form) or
    /// `invalid_email`.
    pub fn parse(raw: &str) -> Result<Self, ErrorCode> {
        if raw.trim().is_empty() {
            return Err(ErrorCode::Required);
        }
        // A full-width @, as East Asian keyboards give it. UTS #46 maps their full stops.
        let typed = invisible::trimmed(raw).replace('\u{FF20}', "@");
        if typed.len() > Self::MAX_BYTES {
            return Err(ErrorCode::TooLong);
        }
        let address = with_ascii_domain(&typed).ok_or(ErrorCode::InvalidEmail)?;
        if !address.validate_regex(&*HTML_EMAIL) {
            return Err(ErrorCode::InvalidEmail);
        }
        if address.len() > Self::MAX_BYTES {
            return Err(ErrorCode::TooLong);
        }
        Ok(Self(address.into_owned()))
    }

    /// The address as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// `address` with the domain in its ASCII form; an ASCII domain stays as typed.
fn with_ascii_domain(address: &str) -> Option<Cow<'_, str>> {
    if address.is_ascii() {
        return Some(Cow::Borrowed(address));
    }
    let (local, domain) = address.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok()?;
    Some(Cow::Owned(format!("{local}@{domain}")))
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress([{} chars])", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_address() {
        let email = EmailAddress::parse("zoe@example.org").unwrap();
        assert_eq!(format!("{email:?}"), "EmailAddress([15 chars])");
    }

    #[test]
    fn the_key_ignores_case_and_the_address_keeps_it() {
        let email = EmailAddress::parse("Zoe@Example.ORG").unwrap();
        assert_eq!((email.as_str(), &*email.key()), ("Zoe@Example.ORG", "zoe@example.org"));
    }

    #[test]
    fn one_domain_in_both_spellings_is_one_address() {
        let spelled = EmailAddress::parse("zoe@BÜCHER.example").unwrap();
        let encoded = EmailAddress::parse("zoe@xn--bcher-kva.example").unwrap();
        assert_eq!(spelled.key(), encoded.key());
    }

    #[test]
    fn full_width_characters_and_full_stops_are_read_as_ascii() {
        for typed in [
            "zoe\u{FF20}school.example",
            "zoe@school\u{3002}example",
            "zoe@school\u{FF0E}example",
            "zoe\u{FF20}school\u{FF61}example",
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().as_str(), "zoe@school.example");
        }
        for other in ["zoe\u{FF20}x@school.example", "zoe\u{3002}b@school.example"] {
            assert_eq!(EmailAddress::parse(other), Err(ErrorCode::InvalidEmail));
        }
    }

    #[test]
    fn a_domain_that_grows_over_the_limit_in_ascii_is_too_long() {
        let typed = |labels| format!("zoe@{}org", "ü.".repeat(labels));
        assert!(typed(40).len() <= EmailAddress::MAX_BYTES);
        assert_eq!(EmailAddress::parse(&typed(40)), Err(ErrorCode::TooLong));
        assert!(EmailAddress::parse(&typed(30)).is_ok());
    }

    #[test]
    fn a_local_part_must_be_ascii_even_beside_an_internationalised_domain() {
        assert_eq!(EmailAddress::parse("zoë@bücher.example"), Err(ErrorCode::InvalidEmail));
    }
}
