//! The encoding of a text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use registration_domain::{Unreadable, UnreadableReason};

use super::{binary::refuse_binary, place::undecodable_behind};

/// The encodings from which a person may choose, by their names in the WHATWG Encoding Standard.
pub const ENCODINGS: [&str; 28] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "windows-1252",
    "macintosh",
    "ISO-8859-15",
    "windows-1250",
    "ISO-8859-2",
    "windows-1251",
    "KOI8-R",
    "KOI8-U",
    "IBM866",
    "ISO-8859-5",
    "windows-1253",
    "ISO-8859-7",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "ISO-8859-4",
    "windows-1258",
    "windows-874",
    "Shift_JIS",
    "EUC-JP",
    "GBK",
    "gb18030",
    "Big5",
    "EUC-KR",
];

/// The marks of UTF-32, which no encoding of the standard is. The first begins like that of UTF-16.
const UTF_32: [&[u8]; 2] = [b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"];
/// Bytes that are looked at for UTF-16 without a mark.
const HEAD: usize = 1024;
/// Bytes from whose letters an encoding is guessed: a tenth of a second's work.
const SAMPLE: usize = 1024 * 1024;

/// The encoding, and whether it is certain.
pub(super) fn guess(bytes: &[u8]) -> Result<(&'static Encoding, bool), Unreadable> {
    if UTF_32.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(undecodable_behind(""));
    }
    if let Some(encoding) = utf_16(bytes) {
        return Ok((encoding, true));
    }
    match str::from_utf8(bytes) {
        Err(error) if !is_mostly_utf_8(bytes) => {
            Ok((legacy(&bytes[error.valid_up_to().saturating_sub(HEAD)..]), false))
        }
        _ => Ok((UTF_8, true)),
    }
}

/// UTF-16, by its mark or by the zero that is half of each ASCII character.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding).filter(|one| *one != UTF_8);
    }
    let (pairs, _) = bytes[..bytes.len().min(HEAD)].as_chunks::<2>();
    let zeros = |half: usize| pairs.iter().filter(|pair| pair[half] == 0).count();
    match (zeros(0), zeros(1)) {
        (0, low) if low * 4 > pairs.len() => Some(UTF_16LE),
        (high, 0) if high * 4 > pairs.len() => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether it is UTF-8 with errors: in other encodings, bytes are hardly ever a character of several bytes.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += chunk.invalid().len();
    }
    valid * 2 >= invalid
}

/// An encoding of one or two bytes a character, by the frequency of letters.
fn legacy(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    detector.feed(sample, sample.len() == bytes.len());
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess.is_single_byte() && is_mac_roman(sample) {
        return MACINTOSH;
    }
    // Of encodings in which the text is the same, the most common one.
    let is_western = guess.is_single_byte() && text(sample, guess) == text(sample, WINDOWS_1252);
    if is_western || !ENCODINGS.contains(&guess.name()) { WINDOWS_1252 } else { guess }
}

fn text<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// Whether accented letters are where Mac OS has them. The detector, made for the Web, does not know this
/// encoding.
fn is_mac_roman(bytes: &[u8]) -> bool {
    let (mut letters, mut others) = (0, 0);
    for three in bytes.windows(3) {
        let [before, byte, behind] = three else { continue };
        if byte.is_ascii() || !(before.is_ascii_alphabetic() || behind.is_ascii_alphabetic()) {
            continue;
        }
        match byte {
            // The quotes and the dash of Windows, which stand next to letters as well.
            0x91..=0x94 | 0x96 => {}
            0x80..=0x9F => letters += 1,
            // The small accented letters of Windows, where Mac OS has capitals and symbols.
            0xE0..=0xFF if before.is_ascii_lowercase() => return false,
            _ => others += 1,
        }
    }
    letters > others
}

/// The text without its mark: UTF-8 in place.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    encoding: &'static Encoding,
) -> Result<Cow<'a, str>, Unreadable> {
    if ![UTF_16LE, UTF_16BE].contains(&encoding) {
        refuse_binary(bytes)?;
    }
    let mark = Encoding::for_bom(bytes).filter(|(of_mark, _)| *of_mark == encoding);
    let bytes = &bytes[mark.map_or(0, |(_, length)| length)..];
    if encoding == UTF_8 {
        return str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let valid = &bytes[..error.valid_up_to()];
            undecodable_behind(&String::from_utf8_lossy(valid))
        });
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let length = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(length.ok_or(UnreadableReason::TooLarge)?);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(Cow::Owned(text)),
        _ => Err(undecodable_behind(&text)),
    }
}
