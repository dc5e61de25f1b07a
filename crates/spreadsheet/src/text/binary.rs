//! Bytes that are no text.

use registration_domain::{Unreadable, UnreadableReason};

use super::place::line_ends;
use crate::limits::at_line;

/// Bytes that are looked at for control characters.
const HEAD: usize = 4096;

/// Refuses bytes with a NUL, or with many control characters at the beginning. Not for UTF-16, which has a
/// NUL in each ASCII character.
pub(super) fn refuse_binary(bytes: &[u8]) -> Result<(), Unreadable> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let controls = head.iter().filter(|byte| is_control(**byte)).count();
    let found = bytes.iter().position(|byte| *byte == 0).or_else(|| {
        (controls * 32 > head.len()).then(|| head.iter().position(|byte| is_control(*byte)))?
    });
    found.map_or(Ok(()), |at| Err(at_line(UnreadableReason::Binary, line_ends(&bytes[..at]) + 1)))
}

/// A control character that is no white space.
const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0E..=0x1F)
}
