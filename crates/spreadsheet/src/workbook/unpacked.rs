//! What a workbook unpacks to, before calamine reads it.

use std::io::{self, BufReader, Cursor, Read};

use quick_xml::{Reader, events::Event};
use registration_domain::{Unreadable, UnreadableReason};
use zip::ZipArchive;

/// Bytes of all parts.
const MAX_UNPACKED: u64 = 200_000_000;
/// Bytes of a text: a cell has at most 32,767 characters.
const MAX_TEXT: usize = 1_000_000;
/// Parts, pictures included.
const MAX_PARTS: usize = 1000;
/// Shared strings.
const MAX_STRINGS: usize = 2_000_000;
/// Shared strings that a workbook may claim to have: calamine makes room for them before it reads one.
const MAX_CLAIMED: usize = 10_000_000;
/// Sheets and formats of cells, of which Excel has at most 65,490.
const MAX_COPIES: usize = 65_536;
/// Bytes of what calamine copies for each of them: the name of a font, the code of a format, or the target of
/// a relationship.
const MAX_COPIED: usize = 2048;

/// Refuses a workbook that would take too much memory, whatever sizes its directory claims. Every part is
/// unpacked and parsed once as calamine does, because any part can be named as any other.
pub(super) fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    check_within(bytes, MAX_UNPACKED)
}

fn check_within(bytes: &[u8], mut left: u64) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| UnreadableReason::Damaged)?;
    // Spares unpacking where the claim is enough. It is unknown for parts that were written as a stream, and
    // others may claim too little.
    let claimed = archive.decompressed_size().unwrap_or_default();
    if archive.len() > MAX_PARTS || claimed > u128::from(left) {
        return Err(UnreadableReason::TooLarge.into());
    }
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(|_| UnreadableReason::Damaged)?;
        let mut part = BufReader::new(Metered { part, left: &mut left });
        let is_fine = is_fine(&mut part);
        // Where it is no XML, calamine stops as well.
        let drained = io::copy(&mut part, &mut io::sink());
        drop(part);
        if left == 0 || !is_fine {
            return Err(UnreadableReason::TooLarge.into());
        }
        drained.map_err(|_| UnreadableReason::Damaged)?;
    }
    Ok(())
}

/// Whether calamine can hold the part.
fn is_fine(part: impl io::BufRead) -> bool {
    let mut xml = Reader::from_reader(part);
    xml.config_mut().check_end_names = false;
    let (mut strings, mut copies, mut buffer) = (0, 0, Vec::new());
    loop {
        buffer.clear();
        let Ok(event) = xml.read_event_into(&mut buffer) else { return true };
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            match event {
                Event::Eof => return true,
                Event::Text(text) if text.len() > MAX_TEXT => return false,
                _ => continue,
            }
        };
        match tag.local_name().as_ref() {
            "si" => strings += 1,
            "sst" if claims_too_much(tag.attributes_raw()) => return false,
            "xf" | "sheet" => copies += 1,
            "name" | "numFmt" | "Relationship" if tag.len() > MAX_COPIED => return false,
            _ => {}
        }
        if strings > MAX_STRINGS || copies > MAX_COPIES {
            return false;
        }
    }
}

/// Whether a number in these attributes is too large. Which of them calamine reads depends on how it parses
/// attributes that are malformed, so all are looked at.
fn claims_too_much(attributes: &str) -> bool {
    let numbers = attributes.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    numbers.map(str::parse).any(|number| number.map_or(true, |number: usize| number > MAX_CLAIMED))
}

/// Reads a part as long as something is left.
struct Metered<'a, R> {
    part: R,
    left: &'a mut u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(buffer)?;
        *self.left = self.left.saturating_sub(read as u64);
        if *self.left == 0 { Err(io::Error::other("unpacks to too much")) } else { Ok(read) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// An archive with parts of 3,000 bytes each.
    fn archive(parts: usize, is_stream: bool) -> Vec<u8> {
        fn fill<W: Write + io::Seek>(mut archive: ZipWriter<W>, parts: usize) -> W {
            for number in 0..parts {
                archive.start_file(number.to_string(), SimpleFileOptions::default()).unwrap();
                archive.write_all(&[b'a'; 3000]).unwrap();
            }
            archive.finish().unwrap()
        }
        if is_stream {
            fill(ZipWriter::new_stream(Vec::new()), parts).into_inner()
        } else {
            fill(ZipWriter::new(Cursor::new(Vec::new())), parts).into_inner()
        }
    }

    #[test]
    fn parts_are_measured_together_whatever_they_claim() {
        let too_large = Err(UnreadableReason::TooLarge.into());
        for is_stream in [false, true] {
            let mut bytes = archive(3, is_stream);
            assert_eq!(check_within(&bytes, 9001), Ok(()));
            assert_eq!(check_within(&bytes, 9000), too_large);
            assert_eq!(check_within(&bytes, 5), too_large);
            // The size in each header of the directory.
            let headers: Vec<usize> =
                (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
            for at in headers {
                bytes[at + 24..at + 28].copy_from_slice(&1_u32.to_le_bytes());
            }
            assert!(check_within(&bytes, 9000).is_err());
        }
    }
}
