//! What a file is, by its first bytes and, for archives, by the names in it.

use std::io::{Cursor, Read as _};

use registration_domain::{Unreadable, UnreadableReason};
use zip::ZipArchive;

use crate::limits::{MAX_BYTES, MAX_WORKBOOK_BYTES};

/// A file that can be read.
pub(crate) enum Kind {
    /// CSV.
    Text,
    /// XLSX.
    Workbook,
}

/// Compound files (MS-CFB): workbooks until 2003, and the envelope of encrypted ones.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// The stream of an encrypted workbook (MS-OFFCRYPTO), in the UTF-16 of a compound file's directory.
const ENCRYPTED_PACKAGE: &str = "EncryptedPackage";
/// An archive begins with its first entry, or with its end if it has none.
const ARCHIVES: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Other formats, by their first bytes.
const OTHERS: [(&[u8], UnreadableReason); 5] = [
    (b"\x1F\x8B", UnreadableReason::Gzip),
    (b"%PDF", UnreadableReason::Pdf),
    (b"\x89PNG", UnreadableReason::Image),
    (b"\xFF\xD8\xFF", UnreadableReason::Image),
    (b"GIF8", UnreadableReason::Image),
];
const ODS: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

/// The kind of the file, if it can be read.
pub(crate) fn of(bytes: &[u8]) -> Result<Kind, Unreadable> {
    if let Some((_, reason)) = OTHERS.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Err((*reason).into());
    }
    if bytes.starts_with(COMPOUND_FILE) {
        return Err(compound_file(bytes).into());
    }
    let is_archive = ARCHIVES.iter().any(|head| bytes.starts_with(head));
    if bytes.len() > if is_archive { MAX_WORKBOOK_BYTES } else { MAX_BYTES } {
        return Err(UnreadableReason::TooLarge.into());
    }
    if is_archive { archive(bytes) } else { Ok(Kind::Text) }
}

fn compound_file(bytes: &[u8]) -> UnreadableReason {
    let name: Vec<u8> = ENCRYPTED_PACKAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|part| part == name) {
        UnreadableReason::Encrypted
    } else {
        UnreadableReason::Xls
    }
}

fn archive(bytes: &[u8]) -> Result<Kind, Unreadable> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Err(UnreadableReason::Damaged.into());
    };
    // As calamine finds them: some programs write other cases and separators.
    let lower = |name: &[u8]| String::from_utf8_lossy(name).replace('\\', "/").to_ascii_lowercase();
    let names: Vec<String> = archive.file_names_raw().map(lower).collect();
    let has = |name: &str| names.iter().any(|one| one == name);
    if has("xl/vbaproject.bin") {
        return Err(UnreadableReason::Macros.into());
    }
    // The older binary format, with the same way out: to save it as XLSX.
    if has("xl/workbook.bin") {
        return Err(UnreadableReason::Xls.into());
    }
    if has("xl/workbook.xml") || contains(&mut archive, "[Content_Types].xml", b"spreadsheetml") {
        return Ok(Kind::Workbook);
    }
    if contains(&mut archive, "mimetype", ODS) {
        return Err(UnreadableReason::Ods.into());
    }
    Err(UnreadableReason::Zip.into())
}

/// Whether the entry has these bytes, in its first part.
fn contains(archive: &mut ZipArchive<Cursor<&[u8]>>, entry: &str, bytes: &[u8]) -> bool {
    let mut head = Vec::new();
    let is_read = archive
        .by_name(entry)
        .is_ok_and(|entry| entry.take(64 * 1024).read_to_end(&mut head).is_ok());
    is_read && head.windows(bytes.len()).any(|part| part == bytes)
}
