//! Requests of programs that may be sent again.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{Fingerprint, IdempotencyKey, StudentId, Version};

/// A request with an idempotency key, by its hashes. A key is one owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The person's id, or the token's.
    pub owner: [u8; 16],
    /// The client's key.
    pub key: KeyHash,
    /// Tells a repetition from another request with the same key.
    pub fingerprint: Fingerprint,
}

/// SHA-256 of an idempotency key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of this key.
    #[must_use]
    pub fn of(key: &IdempotencyKey) -> Self {
        Self(Sha256::digest(key.as_str().as_bytes()).into())
    }

    /// The thirty-two bytes: the stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}

/// What a request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The student that it created or changed.
    pub student: StudentId,
    /// The student's version after it.
    pub version: Version,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request with a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The first with this key.
    New,
    /// A repetition of one that was answered.
    Answered(ApiAnswer),
    /// Another request than the first with this key.
    Reused,
}
