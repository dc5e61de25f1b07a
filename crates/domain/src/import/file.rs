//! How a file is read.

use std::fmt;

/// How the cells of a text file are read, or of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Comma-separated values (RFC 4180), or with another delimiter.
    Csv {
        /// The encoding, by its name in the WHATWG Encoding Standard.
        encoding: String,
        /// What separates cells.
        delimiter: Delimiter,
        /// Whether the first row holds headings.
        has_header: bool,
    },
    /// A sheet of a workbook (ISO/IEC 29500).
    Xlsx {
        /// The name of the sheet.
        sheet: String,
        /// Whether its first row holds headings.
        has_header: bool,
    },
}

impl Reading {
    /// Whether the first row holds headings.
    #[must_use]
    pub const fn has_header(&self) -> bool {
        match self {
            Self::Csv { has_header, .. } | Self::Xlsx { has_header, .. } => *has_header,
        }
    }

    /// The format in JSON.
    #[must_use]
    pub const fn format(&self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Xlsx { .. } => "xlsx",
        }
    }
}

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// A comma.
    Comma,
    /// A semicolon: of spreadsheets where the comma is the decimal point.
    Semicolon,
    /// A tabulator.
    Tab,
    /// A vertical bar.
    Bar,
}

impl Delimiter {
    /// Every delimiter.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The character.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    /// The name in JSON and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        }
    }
}

/// A file that cannot be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why.
    pub reason: UnreadableReason,
    /// The line or row, from 1, where it has a place.
    pub line: Option<u32>,
    /// The character of the line, from 1.
    pub column: Option<u32>,
}

impl From<UnreadableReason> for Unreadable {
    fn from(reason: UnreadableReason) -> Self {
        Self { reason, line: None, column: None }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.as_str())?;
        if let Some(line) = self.line {
            write!(f, " in line {line}")?;
        }
        self.column.map_or(Ok(()), |column| write!(f, ", character {column}"))
    }
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnreadableReason {
    /// It has no rows.
    Empty,
    /// It is too large, or unpacks to too much.
    TooLarge,
    /// It has more rows than an import may have.
    TooManyRows,
    /// It has more columns than a list has.
    TooManyColumns,
    /// A row is too long.
    RowTooLong,
    /// A quoted cell has no end.
    UnclosedQuote,
    /// Bytes are no text in the encoding.
    Undecodable,
    /// It holds other bytes than text.
    Binary,
    /// It is compressed.
    Gzip,
    /// It is a PDF.
    Pdf,
    /// It is a picture.
    Image,
    /// It is a workbook of a version before 2007.
    Xls,
    /// It is a sheet of an open document (ISO/IEC 26300).
    Ods,
    /// It is protected by a password.
    Encrypted,
    /// It holds macros.
    Macros,
    /// It is an archive of other files.
    Zip,
    /// It is a workbook that is damaged.
    Damaged,
}

impl UnreadableReason {
    /// Every reason.
    pub const ALL: [Self; 17] = [
        Self::Empty,
        Self::TooLarge,
        Self::TooManyRows,
        Self::TooManyColumns,
        Self::RowTooLong,
        Self::UnclosedQuote,
        Self::Undecodable,
        Self::Binary,
        Self::Gzip,
        Self::Pdf,
        Self::Image,
        Self::Xls,
        Self::Ods,
        Self::Encrypted,
        Self::Macros,
        Self::Zip,
        Self::Damaged,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns => "too_many_columns",
            Self::RowTooLong => "row_too_long",
            Self::UnclosedQuote => "unclosed_quote",
            Self::Undecodable => "undecodable",
            Self::Binary => "binary",
            Self::Gzip => "gzip",
            Self::Pdf => "pdf",
            Self::Image => "image",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Encrypted => "encrypted",
            Self::Macros => "macros",
            Self::Zip => "zip",
            Self::Damaged => "damaged",
        }
    }
}
