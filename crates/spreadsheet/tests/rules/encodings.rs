//! Encodings: what is found, what is asked, what is certain.

use registration_domain::{Delimiter, Reading, Unreadable, UnreadableReason};
use registration_spreadsheet::{ENCODINGS, inspect, inspect_as};

use crate::support::{file_rows, guessed, rows, texts};

const PEOPLE: &str = "First name,Last name,Email\nZoë,Brontë,zoe@example.org\n";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The encoding that is guessed, and whether it is certain.
fn encoding(bytes: &[u8]) -> (String, bool) {
    let seen = inspect(bytes).unwrap();
    let Reading::Csv { encoding, .. } = seen.reading else { panic!("no CSV") };
    (encoding, seen.is_certain)
}

fn undecodable(line: u32, column: u32) -> Unreadable {
    let reason = UnreadableReason::Undecodable;
    Unreadable { reason, line: Some(line), column: Some(column) }
}

#[test]
fn unicode_is_certain_with_a_mark_and_without() {
    let expected = rows(&[(2, &["Zoë", "Brontë", "zoe@example.org"])]);
    let marked = format!("\u{FEFF}{PEOPLE}");
    for (bytes, name) in [
        (PEOPLE.as_bytes().to_vec(), "UTF-8"),
        (marked.as_bytes().to_vec(), "UTF-8"),
        (utf_16(&marked, u16::to_le_bytes), "UTF-16LE"),
        (utf_16(&marked, u16::to_be_bytes), "UTF-16BE"),
        (utf_16(PEOPLE, u16::to_le_bytes), "UTF-16LE"),
        (utf_16(PEOPLE, u16::to_be_bytes), "UTF-16BE"),
    ] {
        assert_eq!(encoding(&bytes), (name.to_owned(), true));
        assert_eq!(guessed(&bytes).unwrap(), expected, "{name}");
    }
}

#[test]
fn an_encoding_of_single_bytes_is_a_guess() {
    let guess = |bytes: &[u8]| encoding(bytes);
    let western = |name: &str| (name.to_owned(), false);
    assert_eq!(guess(b"Nome,Email\nNicol\xF2,n@example.org\n"), western("windows-1252"));
    assert_eq!(guess(b"Name,Email\nO\x92Neil,o@example.org\n"), western("windows-1252"));
    assert_eq!(
        guess(b"Name,Email\nSe\xE1n O\x92Neil \x8E,o@example.org\n"),
        western("windows-1252")
    );
    assert_eq!(guess(b"Nome,Email\nNicol\x98,n@example.org\n"), western("macintosh"));
    assert_eq!(guess(b"Nom,Email\nH\x8El\x8Fne,h@example.org\n"), western("macintosh"));
}

#[test]
fn utf_8_with_errors_is_not_taken_for_another_encoding() {
    let text = "Zoë,Brontë\r\nZoë,\u{1F600}x".as_bytes();
    let mut bytes = text.to_vec();
    bytes.push(0xFF);
    assert_eq!(inspect(&bytes), Err(undecodable(2, 7)));
}

#[test]
fn what_is_chosen_is_used_and_says_where_it_does_not_fit() {
    let chosen = |bytes: &[u8], encoding: &str| {
        let delimiter = Delimiter::Comma;
        let reading = Reading::Csv { encoding: encoding.to_owned(), delimiter, has_header: false };
        let seen = inspect_as(bytes, &reading)?;
        assert!(seen.is_certain && seen.reading.format() == "csv");
        file_rows(bytes, &reading).map(texts)
    };
    assert_eq!(chosen(b"\x80", "windows-1252"), Ok(rows(&[(1, &["€"])])));
    assert_eq!(chosen(b"\x80", "macintosh"), Ok(rows(&[(1, &["Ä"])])));
    assert_eq!(chosen(b"\xA4", "ISO-8859-15"), Ok(rows(&[(1, &["€"])])));
    assert_eq!(chosen(b"ab\rc\xC3\xABd\x80", "UTF-8"), Err(undecodable(2, 4)));
    assert_eq!(chosen(b"a\n\x83\x41\x83\xFFx", "Shift_JIS"), Err(undecodable(2, 2)));
    let odd = [utf_16("ab\r\ncd", u16::to_le_bytes), vec![b'e']].concat();
    assert_eq!(chosen(&odd, "UTF-16LE"), Err(undecodable(2, 3)));
    assert_eq!(chosen(b"a", "no encoding"), Err(UnreadableReason::Undecodable.into()));
}

#[test]
fn every_encoding_on_offer_is_known_by_its_name() {
    for name in ENCODINGS {
        let encoding = encoding_rs::Encoding::for_label(name.as_bytes());
        assert_eq!(encoding.map(encoding_rs::Encoding::name), Some(name));
    }
}
