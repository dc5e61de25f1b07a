//! A CSV file, decoded.

use std::borrow::Cow;

use encoding_rs::Encoding;
use registration_domain::{Delimiter, Unreadable, UnreadableReason};

use super::{delimiter, encoding, records::Records};

/// A CSV file, decoded.
pub(crate) struct CsvFile<'a> {
    text: Cow<'a, str>,
    /// Where the first record begins: behind the line that names the delimiter.
    start: usize,
    encoding: &'static Encoding,
    is_certain: bool,
    delimiter: Delimiter,
}

impl<'a> CsvFile<'a> {
    /// Guesses the encoding and the delimiter.
    pub(crate) fn guess(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let (encoding, is_certain) = encoding::guess(bytes)?;
        let text = encoding::decode(bytes, encoding)?;
        let (start, named) = delimiter::named(&text);
        let delimiter = named.unwrap_or_else(|| delimiter::guess(&text, start));
        Ok(Self { text, start, encoding, is_certain, delimiter })
    }

    /// Decodes it as a person has chosen.
    pub(crate) fn open(
        bytes: &'a [u8],
        label: &str,
        delimiter: Delimiter,
    ) -> Result<Self, Unreadable> {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            return Err(UnreadableReason::Undecodable.into());
        };
        let text = encoding::decode(bytes, encoding)?;
        let (start, _) = delimiter::named(&text);
        Ok(Self { text, start, encoding, is_certain: true, delimiter })
    }

    /// The name of the encoding.
    pub(crate) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    pub(crate) const fn is_certain(&self) -> bool {
        self.is_certain
    }

    pub(crate) const fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// Its records that are not empty, headings included.
    pub(crate) fn records(&self) -> Records<'_> {
        Records::new(&self.text, self.start, self.delimiter)
    }
}
