//! The bytes of a workbook, as calamine reads them.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

/// How often the file may be read: its sheets once to find the ones with a cell, and again to show or to read
/// one.
const TIMES: usize = 4;
/// Bytes that may be read besides, for the directory of a small file.
const BESIDES: usize = 256 * 1024;

/// Bytes that can be read a few times. A workbook can name one part as many sheets, each of which would be
/// unpacked again.
pub(crate) struct Source<'a> {
    bytes: Cursor<&'a [u8]>,
    left: usize,
}

impl<'a> Source<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: Cursor::new(bytes), left: TIMES * bytes.len() + BESIDES }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.left =
            self.left.checked_sub(read).ok_or_else(|| io::Error::other("read too often"))?;
        Ok(read)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}
