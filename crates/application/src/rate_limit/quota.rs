//! A quota, and what is left of it.

use std::num::NonZeroU32;

/// A number of requests in a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub count: NonZeroU32,
    /// Seconds.
    pub seconds: NonZeroU32,
}

/// The part of a quota that is left after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaState {
    /// The quota's name in header fields and problem bodies.
    pub name: &'static str,
    /// The quota.
    pub quota: Quota,
    /// Whether the request is over the limit.
    pub is_exceeded: bool,
    /// Requests left.
    pub remaining: u32,
    /// Seconds until the next request is allowed, if this one is over the limit; otherwise until
    /// the quota is full.
    pub seconds: u64,
}
