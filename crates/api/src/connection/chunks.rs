//! Where a chunked body ends (RFC 9112 7.1).

/// Follows the chunks of a body without keeping them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In the line with a chunk's size; whether it is past the digits.
    Size { size: u64, in_extension: bool },
    /// In a chunk's data, its line end included.
    Data { left: u64 },
    /// At the beginning of a line after the last chunk: a trailer, or the end.
    Trailer { is_empty: bool },
}

impl Chunks {
    /// At the beginning of a body.
    pub(super) const START: Self = Self::Size { size: 0, in_extension: false };

    /// Follows these bytes. The number of bytes up to the body's end, if it is among them.
    ///
    /// A malformed body has no end here; the HTTP library refuses it.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self {
                Self::Data { left } => {
                    let rest = (bytes.len() - at) as u64;
                    let passed = rest.min(*left);
                    *left -= passed;
                    at += usize::try_from(passed).unwrap_or(usize::MAX);
                    if *left == 0 {
                        *self = Self::START;
                    }
                    continue;
                }
                Self::Size { size: 0, .. } if byte == b'\n' => {
                    *self = Self::Trailer { is_empty: true };
                }
                Self::Size { size, .. } if byte == b'\n' => {
                    *self = Self::Data { left: size.saturating_add(2) };
                }
                Self::Size { size, in_extension } => match char::from(byte).to_digit(16) {
                    Some(digit) if !*in_extension => {
                        *size = size.saturating_mul(16).saturating_add(digit.into());
                    }
                    _ => *in_extension = true,
                },
                Self::Trailer { is_empty: true } if byte == b'\n' => return Some(at + 1),
                Self::Trailer { is_empty } => match byte {
                    b'\n' => *is_empty = true,
                    b'\r' => {}
                    _ => *is_empty = false,
                },
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_wherever_the_packets_are_cut() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "5;a=\"b\"\r\nhello\r\n1 \r\nx\r\n0\r\n\r\n",
            "1A\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n!\r\n0\r\nx-checksum: abc\r\ny: z\r\n\r\n",
        ] {
            let bytes = format!("{body}GET / HTTP/1.1\r\n\r\n").into_bytes();
            for cut in 0..=body.len() {
                let mut chunks = Chunks::START;
                let (first, second) = bytes.split_at(cut);
                let end = chunks.follow(first);
                let end = end.or_else(|| chunks.follow(second).map(|end| cut + end));
                assert_eq!(end, Some(body.len()), "{body:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn an_unfinished_or_malformed_body_has_no_end() {
        for body in ["", "5\r\nhello\r\n", "0\r\nx: y\r\n", "zz", "fffffffffffffffff\r\n0\r\n\r\n"]
        {
            let mut chunks = Chunks::START;
            assert_eq!(chunks.follow(body.as_bytes()), None, "{body:?}");
        }
    }
}
