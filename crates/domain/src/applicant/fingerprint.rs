//! The hash by which a repetition of a request is distinguished from another with the same key.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::PerField;

/// SHA-256 of a normalised request. Two requests that differ only in what normalisation removes
/// have the same fingerprint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of these normalised values. Each non-empty value is hashed with its field's
    /// name and its length in bytes, so that no two different requests hash the same bytes, and a
    /// field added later leaves the fingerprints of requests without it unchanged.
    #[must_use]
    pub fn of(texts: &PerField<&str>) -> Self {
        let mut hash = Sha256::new();
        for (field, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
            hash.update(format!("{field}:{}:", text.len()));
            hash.update(text);
        }
        Self(hash.finalize().into())
    }

    /// The thirty-two bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The fingerprint with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Fingerprint {
    /// Shows no digits: an e-mail address can be guessed from its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    #[test]
    fn every_field_changes_the_fingerprint() {
        let texts = PerField::from_fn(Field::as_str);
        let fingerprint = Fingerprint::of(&texts);
        assert_eq!(fingerprint, Fingerprint::of(&texts));
        for field in Field::ALL {
            let mut other = texts;
            *other.get_mut(field) = "changed";
            assert_ne!(fingerprint, Fingerprint::of(&other), "{field}");
        }
    }

    #[test]
    fn text_that_moves_to_the_next_field_changes_the_fingerprint() {
        let one = PerField { first_name: "Anna Li", last_name: "Po", ..PerField::default() };
        let other = PerField { first_name: "Anna", last_name: " LiPo", ..PerField::default() };
        assert_ne!(Fingerprint::of(&one), Fingerprint::of(&other));
    }

    #[test]
    fn the_bytes_survive_storage() {
        let fingerprint = Fingerprint::of(&PerField::from_fn(Field::as_str));
        assert_eq!(Fingerprint::from_bytes(*fingerprint.as_bytes()), fingerprint);
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint");
    }
}
