//! Changing how a file is read, beginning to store it, and giving it up.

use registration_domain::{
    Actor, DeskTransaction, Import, ImportSettings, ImportState, OperationId, RepositoryError,
    SettingsError, write,
};

use super::{AT_ONCE_BYTES, AT_ONCE_ROWS, Active, ImportCounts, Imports, end};
use crate::desk::{DeskError, RequestContext};

/// Why an import was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// Its state does not allow it.
    #[error("the state of the import does not allow it")]
    WrongState(ImportState),
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// All rows are to be stored, and this number of them cannot be.
    #[error("all rows are to be stored, and some cannot be")]
    LeftOut(usize),
    /// All rows are to be stored, and there are more than one transaction may store.
    #[error("too many rows to be stored at once")]
    TooMany(usize),
}

type Answer<T> = Result<Result<T, ChangeError>, DeskError>;

impl Imports {
    /// Changes how the file is read and what is done with its rows, which are planned anew.
    ///
    /// # Errors
    ///
    /// The rows are being stored, or the settings cannot be used.
    pub async fn change_settings(
        &self,
        id: OperationId,
        settings: ImportSettings,
    ) -> Answer<Import> {
        if let Err(error) = settings.check() {
            return Ok(Err(error.into()));
        }
        let claim = Active::enter(self, id);
        let open = move |desk: &mut dyn DeskTransaction| {
            reopen(desk, id, ImportState::is_open, Some(&settings))
        };
        let opened = match self.0.office.write(open).await? {
            Ok(import) => import,
            Err(error) => return Ok(Err(error)),
        };
        let this = self.clone();
        let delete = move || this.delete_plans(&opened);
        let import = match self.0.threads.run(delete).await?? {
            Ok(import) => import,
            Err(error) => return Ok(Err(error)),
        };
        let size = self.0.office.read(move |desk| desk.file_size(id)).await?;
        self.go_on(id, size <= AT_ONCE_BYTES, claim).await;
        Ok(Ok(self.found(id).await?.unwrap_or(import)))
    }

    /// Begins to store the rows as they are planned. The journal names this actor.
    ///
    /// # Errors
    ///
    /// They are not planned, or all are to be stored and cannot be.
    pub async fn run(
        &self,
        id: OperationId,
        actor: Actor,
        context: RequestContext,
    ) -> Answer<Import> {
        let claim = Active::enter(self, id);
        let begin = move |desk: &mut dyn DeskTransaction| {
            let import = match lock(desk, id, |import| import.state == ImportState::Planned)? {
                Ok(import) => import,
                Err(error) => return Ok(Err(error)),
            };
            let counts = ImportCounts::of(&desk.count_import_rows(id)?);
            let (left_out, stored) = (counts.left_out(), counts.to_store());
            if import.settings.choices.all_or_nothing && left_out > 0 {
                return Ok(Err(ChangeError::LeftOut(left_out)));
            }
            if import.settings.choices.all_or_nothing && stored > Import::MAX_ATOMIC {
                return Ok(Err(ChangeError::TooMany(stored)));
            }
            let (state, trace_id) = (ImportState::Running, context.trace_id);
            let import = Import { state, actor, trace_id, ..import };
            desk.update_import(&import)?;
            Ok(Ok((import, stored)))
        };
        let (import, stored) = match self.0.office.write(begin).await? {
            Ok(begun) => begun,
            Err(error) => return Ok(Err(error)),
        };
        self.go_on(id, stored <= AT_ONCE_ROWS, claim).await;
        Ok(Ok(self.found(id).await?.unwrap_or(import)))
    }

    /// Gives an import up. What is stored stays, and can be undone.
    ///
    /// # Errors
    ///
    /// It has come to its end.
    pub async fn cancel(&self, id: OperationId) -> Answer<()> {
        let now = (self.0.now)();
        let cancel = move |desk: &mut dyn DeskTransaction| {
            Ok(match lock(desk, id, |import| !import.state.is_final())? {
                Ok(import) => Ok(end(desk, import, ImportState::Cancelled, now)?),
                Err(error) => Err(error),
            })
        };
        self.0.office.write(cancel).await
    }

    /// Has all rows planned anew, as before.
    pub(super) fn replan(
        &self,
        id: OperationId,
        allows: impl Fn(ImportState) -> bool,
    ) -> Result<Result<Import, ChangeError>, RepositoryError> {
        match write(&*self.0.office.store, |desk| reopen(desk, id, &allows, None))? {
            Ok(opened) => self.delete_plans(&opened),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Deletes the plans of rows of an import that was opened anew, which then is being read.
    fn delete_plans(
        &self,
        opened: &Import,
    ) -> Result<Result<Import, ChangeError>, RepositoryError> {
        let (store, id) = (&*self.0.office.store, opened.id);
        let is_opened = |import: &Import| {
            import.state == ImportState::NeedsMapping && import.revision == opened.revision
        };
        loop {
            let deleted = write(store, |desk| {
                let import = match lock(desk, id, is_opened)? {
                    Ok(import) => import,
                    // Another request has changed it meanwhile: it deletes what is left.
                    Err(error) => return Ok(Err(error)),
                };
                if !desk.delete_import_rows(id)? {
                    return Ok(Ok(None));
                }
                let import = Import { state: ImportState::Reading, ..import };
                desk.update_import(&import)?;
                Ok(Ok(Some(import)))
            })?;
            match deleted {
                Ok(None) => {}
                Ok(Some(import)) => return Ok(Ok(import)),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}

/// Opens an import anew, with these settings or as before. It is a new revision: who plans the one before
/// gives up.
fn reopen(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    allows: impl Fn(ImportState) -> bool,
    settings: Option<&ImportSettings>,
) -> Result<Result<Import, ChangeError>, RepositoryError> {
    let import = match lock(desk, id, |import| allows(import.state))? {
        Ok(import) => import,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings.unwrap_or(&import.settings).clone();
    let (revision, state) = (import.revision + 1, ImportState::NeedsMapping);
    let import = Import { settings, revision, state, problem: None, ..import };
    desk.update_import(&import)?;
    Ok(Ok(import))
}

/// The import, locked, provided that it allows the change.
fn lock(
    desk: &mut dyn DeskTransaction,
    id: OperationId,
    allows: impl FnOnce(&Import) -> bool,
) -> Result<Result<Import, ChangeError>, RepositoryError> {
    Ok(match desk.lock_import(id)? {
        Some(import) if allows(&import) => Ok(import),
        Some(import) => Err(ChangeError::WrongState(import.state)),
        None => Err(ChangeError::NotFound),
    })
}
