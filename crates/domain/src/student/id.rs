//! A student's public id.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A student's public id: a UUID, version 7 (RFC 9562), made by the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StudentId(Uuid);

impl StudentId {
    /// Makes an id from the time of registration and ten random bytes, of which 74 bits are used.
    #[must_use]
    pub fn new(now: DateTime<Utc>, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The registration number that people keep and read out: twelve decimal digits in groups of four,
    /// which survive the telephone in every language. Made from the last 48 bits, which are random;
    /// two of a million students share one with a probability of 40 %.
    #[must_use]
    pub fn registration_number(&self) -> String {
        let number = self.0.as_u128() & ((1 << 48) - 1);
        let digits = format!("{:012}", number % 1_000_000_000_000);
        format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..])
    }

    /// The sixteen bytes, most significant first: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id with these sixteen bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for StudentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a student id")]
pub struct ParseStudentIdError;

impl FromStr for StudentId {
    type Err = ParseStudentIdError;

    /// Reads the hyphenated form that `Display` writes, in either case, and no other form.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        uuid::fmt::Hyphenated::from_str(text)
            .map(|id| Self(id.into_uuid()))
            .map_err(|_| ParseStudentIdError)
    }
}

/// Defines the public id of something that is no student: a UUID, version 7.
macro_rules! public_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($crate::StudentId);

        impl $name {
            /// Makes an id from a time and ten random bytes.
            #[must_use]
            pub fn new(now: chrono::DateTime<chrono::Utc>, random: [u8; 10]) -> Self {
                Self($crate::StudentId::new(now, random))
            }

            /// The sixteen bytes: the stored form.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self($crate::StudentId::from_bytes(bytes))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseStudentIdError;

            fn from_str(text: &str) -> Result<Self, $crate::ParseStudentIdError> {
                text.parse().map(Self)
            }
        }
    };
}
pub(crate) use public_id;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ids_are_version_seven_and_sort_by_time() {
        let earlier = StudentId::new(at("2026-09-01T09:00:00.000Z"), [0xFF; 10]);
        let later = StudentId::new(at("2026-09-01T09:00:00.001Z"), [0x00; 10]);
        assert_eq!(earlier.0.get_version_num(), 7);
        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
    }

    #[test]
    fn ids_survive_text_and_bytes() {
        let id = StudentId::new(at("2026-09-01T09:00:00Z"), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(StudentId::from_bytes(*id.as_bytes()), id);
    }

    #[test]
    fn a_registration_number_is_twelve_digits_of_the_random_end() {
        let number = |id: &str| id.parse::<StudentId>().unwrap().registration_number();
        assert_eq!(number("0190163d-8694-739b-aea5-966c26f8ad91"), "3912-5446-5937");
        assert_eq!(number("0190163d-8694-739b-aea5-00000000002a"), "0000-0000-0042");
        assert_ne!(
            number("0190163d-8694-739b-aea5-000000000000"),
            number("0190163d-8694-739b-aea5-000000000001")
        );
    }

    #[test]
    fn other_spellings_of_a_uuid_are_not_ids() {
        let id = StudentId::new(at("2026-09-01T09:00:00Z"), [7; 10]).to_string();
        for text in
            [id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}"), String::new()]
        {
            assert_eq!(text.parse::<StudentId>(), Err(ParseStudentIdError));
        }
    }
}
