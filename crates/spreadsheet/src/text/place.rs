//! Lines and characters of a text.

use registration_domain::{Unreadable, UnreadableReason};

/// How many lines end in the text: with CR, LF or both.
pub(super) fn line_ends(text: &[u8]) -> u32 {
    let ends = text.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    u32::try_from(ends.count()).unwrap_or(u32::MAX)
}

/// What cannot be decoded, behind this text of the file.
pub(super) fn undecodable_behind(text: &str) -> Unreadable {
    let characters = text.rsplit(['\r', '\n']).next().unwrap_or_default().chars().count();
    Unreadable {
        reason: UnreadableReason::Undecodable,
        line: Some(line_ends(text.as_bytes()) + 1),
        column: Some(u32::try_from(characters + 1).unwrap_or(u32::MAX)),
    }
}
