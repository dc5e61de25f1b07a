//! Reading the journal.

use registration_domain::{JournalQuery, JournalRow};

use super::{DeskError, Office};

/// Entries, the newest first.
///
/// # Errors
///
/// The store gave no answer.
pub async fn entries(office: &Office, query: JournalQuery) -> Result<Vec<JournalRow>, DeskError> {
    office.read(move |desk| desk.entries(&query)).await
}
