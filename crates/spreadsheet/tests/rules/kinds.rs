//! Kinds of files: what is read, and what is refused by name.

use registration_domain::UnreadableReason as Reason;
use registration_spreadsheet::inspect;

use crate::support::{archive, package, sheet_part, text_cell};

fn reason(bytes: &[u8]) -> Reason {
    inspect(bytes).unwrap_err().reason
}

#[test]
fn other_files_are_known_by_their_first_bytes() {
    for (head, expected) in [
        (&b"\x1F\x8B\x08\0"[..], Reason::Gzip),
        (b"%PDF-1.7", Reason::Pdf),
        (b"\x89PNG\r\n\x1A\n", Reason::Image),
        (b"\xFF\xD8\xFF\xE0", Reason::Image),
        (b"GIF89a", Reason::Image),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 E\0n\0c\0", Reason::Xls),
        (b"PK\x03\x04 cut off", Reason::Damaged),
    ] {
        assert_eq!(reason(head), expected);
    }
    let mut encrypted = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...".to_vec();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(reason(&encrypted), Reason::Encrypted);
}

#[test]
fn archives_are_known_by_what_is_in_them() {
    let ods = "application/vnd.oasis.opendocument.spreadsheet";
    for (parts, expected) in [
        (&[][..], Reason::Zip),
        (&[("a.csv", "a,b")], Reason::Zip),
        (&[("mimetype", ods)], Reason::Ods),
        (&[("mimetype", "application/vnd.oasis.opendocument.text")], Reason::Zip),
        (&[("xl/workbook.xml", ""), ("xl/vbaProject.bin", "")], Reason::Macros),
        (&[("xl/workbook.bin", "")], Reason::Xls),
        (&[("xl/workbook.xml", "")], Reason::Damaged),
        (&[("[Content_Types].xml", "spreadsheetml.sheet.main+xml")], Reason::Damaged),
        (&[("[Content_Types].xml", "wordprocessingml.document.main+xml")], Reason::Zip),
    ] {
        assert_eq!(reason(&archive(parts)), expected, "{parts:?}");
    }
}

#[test]
fn a_workbook_may_be_named_in_other_cases() {
    let part = sheet_part(&text_cell("A1", "x"));
    let mut parts = vec![("XL\\Worksheets\\Sheet1.xml", part.as_str())];
    parts.push(("[Content_Types].xml", "spreadsheetml.sheet.main+xml"));
    assert_eq!(inspect(&package(&parts)).unwrap().sheets, ["One"]);
}

#[test]
fn a_file_without_rows_is_empty() {
    for bytes in
        [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\r\n\n", b" , \t\n", b"sep=;\n", b"\"\""]
    {
        assert_eq!(reason(bytes), Reason::Empty, "{bytes:?}");
    }
    assert_eq!(reason(&package(&[("xl/worksheets/sheet1.xml", &sheet_part(""))])), Reason::Empty);
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_are() {
    let at = |bytes: &[u8]| inspect(bytes).map_err(|error| (error.reason, error.line));
    assert_eq!(at(b"a,b\r\nc\r\0,d"), Err((Reason::Binary, Some(3))));
    assert_eq!(at(b"a,\x01\x02\x03\nb,\x04\n"), Err((Reason::Binary, Some(1))));
    let text = "Zoe,Bronte,zoe@example.org\n".repeat(3);
    assert!(at(format!("{text}a\u{1}b,c\n").as_bytes()).is_ok());
    let utf_32: Vec<u8> = "\u{FEFF}a,b".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    assert_eq!(at(&utf_32), Err((Reason::Undecodable, Some(1))));
}
