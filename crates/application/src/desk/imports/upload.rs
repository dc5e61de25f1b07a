//! Uploading: the file is stored, and looked at.

use registration_domain::{
    Actor, Import, ImportChoices, ImportColumn, ImportSettings, ImportState, MAX_FILE_PART,
    OperationId, RepositoryError, Unreadable, guess_columns,
};
use registration_spreadsheet::inspect;
use sha2::{Digest as _, Sha256};

use super::{AT_ONCE_BYTES, Active, Imports};
use crate::desk::{DeskError, RequestContext};

/// A file to be imported.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// Its name, for people.
    pub file_name: String,
    /// Its bytes.
    pub file: Vec<u8>,
    /// Whether students who exist get its values; by default, where it has ids.
    pub update_existing: Option<bool>,
    /// What else is done with its rows.
    pub choices: ImportChoices,
    /// Whether a person looks at how the file is read, also where that is certain.
    pub is_confirmed: bool,
}

impl Imports {
    /// Stores a file. Its rows are planned then, unless someone has to say how it is read.
    ///
    /// # Errors
    ///
    /// The file cannot be read: nothing is stored.
    pub async fn upload(
        &self,
        new: NewImport,
        actor: Actor,
        context: RequestContext,
    ) -> Result<Result<Import, Unreadable>, DeskError> {
        let (this, is_short) = (self.clone(), new.file.len() <= AT_ONCE_BYTES);
        let id = OperationId::new(context.now, context.other_id_bytes());
        let claim = Active::enter(self, id);
        let store = move || this.store_file(id, &new, actor, context);
        let import = match self.0.threads.run(store).await?? {
            Ok(import) => import,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        self.go_on(id, is_short, claim).await;
        Ok(Ok(self.found(import.id).await?.unwrap_or(import)))
    }

    /// Works on an import here and now where it is short. What is left, or fails, the job does: it leaves
    /// an import alone for as long as a request has the claim.
    pub(super) async fn go_on(&self, id: OperationId, is_short: bool, claim: Option<Active>) {
        let claim = claim.filter(|_| is_short);
        let is_done = match claim {
            // Once more after a conflict, as with the job that keeps the journal.
            Some(active) => {
                self.advance_as(active, id).await.is_ok() || self.work_on(id).await.is_ok()
            }
            None => false,
        };
        if !is_done {
            self.0.begun.notify_one();
        }
    }

    /// The import with this id.
    pub(super) async fn found(&self, id: OperationId) -> Result<Option<Import>, DeskError> {
        self.0.office.read(move |desk| desk.find_import(id)).await
    }

    fn store_file(
        &self,
        id: OperationId,
        new: &NewImport,
        actor: Actor,
        context: RequestContext,
    ) -> Result<Result<Import, Unreadable>, RepositoryError> {
        let inspection = match inspect(&new.file) {
            Ok(inspection) => inspection,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        let columns = guess_columns(inspection.header.as_ref(), &inspection.rows);
        let has_ids = columns.contains(&Some(ImportColumn::Id));
        let update_existing = new.update_existing.unwrap_or(has_ids);
        let choices = ImportChoices { update_existing, ..new.choices };
        let settings = ImportSettings { reading: inspection.reading, columns, choices };
        let has_key = settings.has_all_fields() || settings.has(ImportColumn::Id);
        let is_certain = inspection.is_certain && inspection.sheets.len() <= 1 && has_key;
        let state = match is_certain && !new.is_confirmed {
            true => ImportState::Reading,
            false => ImportState::NeedsMapping,
        };
        // Nor what turns or breaks the line in which it stands.
        let turns = |c: char| matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let name = new.file_name.chars().filter(|c| !c.is_control() && !turns(*c));
        let import = Import {
            id,
            actor,
            file_name: name.take(Import::MAX_FILE_NAME).collect(),
            sha256: Sha256::digest(&new.file).into(),
            settings,
            revision: 0,
            // Given up, should this process end before the file is stored.
            state: ImportState::Cancelled,
            problem: None,
            stored_line: 0,
            created: 0,
            updated: 0,
            at: context.now,
            trace_id: context.trace_id,
            finished_at: None,
        };
        self.write(|desk| desk.insert_import(&import))?;
        // In transactions of their own: a long one would hold up registrations.
        for (number, part) in (0..).zip(new.file.chunks(MAX_FILE_PART)) {
            self.write(|desk| desk.append_to_file(import.id, number, part))?;
        }
        let import = Import { state, ..import };
        self.write(|desk| desk.update_import(&import))?;
        Ok(Ok(import))
    }
}
