//! Bytes as hexadecimal digits in lower case.

use std::fmt::Write as _;

/// Two digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of `LENGTH` times two digits, in either case; `None` for other text.
pub(crate) fn decode<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != 2 * LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_they_were_written() {
        let bytes = [0x00, 0x7f, 0xff];
        assert_eq!(encode(&bytes), "007fff");
        assert_eq!(decode(&encode(&bytes)), Some(bytes));
        for other in ["", "007ff", "007fff0", "007ffg", "+07fff", "\u{e9}7fff"] {
            assert_eq!(decode::<3>(other), None, "{other}");
        }
    }
}
