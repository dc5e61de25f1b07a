//! Secrets of sessions, links and tokens: random, shown or set once, stored as a hash.

use std::fmt::Write as _;

use registration_domain::SecretHash;
use sha2::{Digest as _, Sha256};

/// Letters and digits that are not mistaken for one another (RFC 4648's base32, in lower case).
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How a token begins, so that scanners of source code find one that was committed.
const TOKEN_PREFIX: &str = "srt_";
/// Characters of a token behind its prefix: 8 visible, 32 secret, 6 of a checksum.
const TOKEN_CHARS: usize = 46;

/// A secret with 224 random bits, as hexadecimal digits.
#[must_use]
pub fn hexadecimal(random: &[u8; 28]) -> String {
    let mut text = String::with_capacity(56);
    for byte in random {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A new token: the text that is shown once, and the part by which a person recognises it.
#[must_use]
pub fn token(random: &[u8; 28]) -> (String, String) {
    let body = base32(&random[..25]);
    let token = format!("{TOKEN_PREFIX}{body}{}", checksum(&body));
    let visible = token[..TOKEN_PREFIX.len() + 8].to_owned();
    (token, visible)
}

/// The hash of a token; `None` for text that is no token: a typing error needs no look-up.
#[must_use]
pub fn token_hash(text: &str) -> Option<SecretHash> {
    let body = text.strip_prefix(TOKEN_PREFIX)?;
    if body.len() != TOKEN_CHARS || !body.is_ascii() {
        return None;
    }
    let (body, sum) = body.split_at(TOKEN_CHARS - 6);
    (checksum(body) == sum).then(|| SecretHash::of(text))
}

fn checksum(body: &str) -> String {
    let mut sum = base32(&Sha256::digest(body.as_bytes())[..5]);
    sum.truncate(6);
    sum
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for group in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        for place in (0..8).rev() {
            text.push(char::from(ALPHABET[(bits >> (place * 5)) as usize % 32]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_recognised_by_their_checksum() {
        let (text, visible) = token(&[7; 28]);
        assert_eq!((text.len(), visible.len()), (50, 12));
        assert!(text.starts_with(&visible) && visible.starts_with("srt_"));
        assert_eq!(token_hash(&text), Some(SecretHash::of(&text)));
        let swapped = text.replace(&text[20..22], "aa");
        for other in
            [&text[..49], &swapped, "srt_", "", &text.replace("srt_", "ghp_"), &"ë".repeat(25)]
        {
            assert_eq!(token_hash(other), None, "{other}");
        }
        let (other, _) = token(&[8; 28]);
        assert_ne!(text[4..44], other[4..44]);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(hexadecimal(&[0xAF; 28]), "af".repeat(28));
    }
}
