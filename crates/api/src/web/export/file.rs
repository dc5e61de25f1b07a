//! A file of students, and how it is written.

use bytes::Bytes;
use registration_application::desk::{DeskError, exports::ExportedStudent};

use super::Column;
use crate::i18n::desk::DeskMessages;

/// How a file is written.
pub(crate) struct Style {
    pub(crate) columns: Vec<Column>,
    /// The words for people; `None` for programs.
    pub(crate) text: Option<&'static DeskMessages>,
    /// Whether text is kept from becoming a formula.
    pub(crate) is_guarded: bool,
    /// Between the values of CSV.
    pub(crate) delimiter: u8,
}

/// A file that is written page by page.
pub(crate) trait File: Send + 'static {
    /// Adds students, or with `None` ends the file. Returns what is ready to be sent.
    fn write(
        &mut self,
        students: Option<&[ExportedStudent]>,
        send: &mut dyn FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure>;
}

/// Why a file is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error("a worksheet has fewer rows than the list has students")]
    TooManyRows,
    #[error("the file could not be written")]
    NotWritten(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What writes it has ended before the file.
    #[error("the file was not finished")]
    Unfinished,
    /// The reader has gone.
    #[error("the reader has gone")]
    Gone,
}
