//! Imports: a file is stored, its rows are planned, and after a look at the plan they are stored.
//!
//! Planning and storing are done in chunks, each a transaction that locks the import: whatever ends the
//! process, any instance goes on behind the last chunk, and two of them do nothing twice. Both make the
//! plan of a row by the same function; a row whose plan is another one when it is stored is left alone.

mod plan_chunk;
mod planning;
mod settings;
mod store_chunk;
mod storing;
mod upload;
mod view;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, DeskTransaction, Import, ImportState, JournalEntry, JournalKeeper, OperationId,
    RepositoryError, commit, read,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{MissedTickBehavior, interval},
};

use super::{
    DeskError, Office,
    jobs::{Arrivals, Observer, Outage, flat},
    operations::Random,
};
use crate::{
    error_chain::error_chain,
    threads::{NotRun, Threads},
};

pub use registration_spreadsheet::{ENCODINGS, Inspection, MAX_BYTES};

pub use self::{
    settings::ChangeError,
    upload::NewImport,
    view::{ImportCounts, ImportView},
};

/// How often imports are looked for that another instance has begun, or one that was killed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Files that are uploaded at once.
const UPLOADS: usize = 2;

/// How often old imports are deleted.
const DELETE_INTERVAL: Duration = Duration::from_secs(600);

/// Largest file that the request which uploads it plans itself, and most rows that it stores itself.
const AT_ONCE_BYTES: usize = 64 * 1024;
const AT_ONCE_ROWS: usize = 1_000;

/// Uploads, plans, stores and shows imports.
#[derive(Clone)]
pub struct Imports(Arc<Inner>);

/// A place for a file that is in memory as a whole.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn of(places: &Arc<Semaphore>) -> Result<Self, DeskError> {
        let permit = Arc::clone(places).try_acquire_owned();
        Ok(Self { _permit: permit.map_err(|_| NotRun::TooBusy)? })
    }
}

struct Inner {
    office: Office,
    keeper: Arc<dyn JournalKeeper>,
    /// For files of any size.
    threads: Threads,
    arrivals: Arrivals,
    now: fn() -> DateTime<Utc>,
    random: Random,
    observe: Observer,
    /// For files that are being uploaded, and for those with the rows that are left out.
    places: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    /// Wakes the job.
    begun: Notify,
    /// Those that a thread of this process works on.
    active: Mutex<HashSet<OperationId>>,
}

impl Imports {
    /// Over this office, on threads of its own. `keeper` writes the entries of registrations before the
    /// first change of each.
    #[must_use]
    pub fn new(
        office: Office,
        keeper: Arc<dyn JournalKeeper>,
        threads: Threads,
        arrivals: Arrivals,
        (now, random): (fn() -> DateTime<Utc>, Random),
        observe: Observer,
    ) -> Self {
        let inner = Inner {
            office,
            keeper,
            threads,
            arrivals,
            now,
            random,
            observe,
            places: Arc::new(Semaphore::new(UPLOADS)),
            downloads: Arc::new(Semaphore::new(UPLOADS)),
            begun: Notify::new(),
            active: Mutex::default(),
        };
        Self(Arc::new(inner))
    }

    /// A place for a file that is being uploaded: it is in memory as a whole.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn place(&self) -> Result<Place, DeskError> {
        Place::of(&self.0.places)
    }

    /// A place for a file with the rows that are left out.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn download_place(&self) -> Result<Place, DeskError> {
        Place::of(&self.0.downloads)
    }

    /// Plans or stores an import to its end: for what has no job.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn work_through(&self, id: OperationId) -> Result<(), DeskError> {
        while self.found(id).await?.is_some_and(|import| import.state.is_working()) {
            self.work_on(id).await?;
        }
        Ok(())
    }

    /// Plans or stores an import as far as it can be, unless a thread of this process does already.
    async fn work_on(&self, id: OperationId) -> Result<(), DeskError> {
        match Active::enter(self, id) {
            Some(active) => self.advance_as(active, id).await,
            None => Ok(()),
        }
    }

    async fn advance_as(&self, active: Active, id: OperationId) -> Result<(), DeskError> {
        Ok(self.0.threads.run(move || active.imports.advance(id)).await??)
    }

    fn advance(&self, id: OperationId) -> Result<(), RepositoryError> {
        match self.find_now(id)?.map(|import| import.state) {
            Some(ImportState::Reading) => self.plan(id),
            Some(ImportState::Running) => self.store(id),
            _ => Ok(()),
        }
    }

    fn find_now(&self, id: OperationId) -> Result<Option<Import>, RepositoryError> {
        read(&*self.0.office.store, |desk| desk.find_import(id))
    }

    /// Runs `work` in one transaction.
    fn write<T>(
        &self,
        work: impl FnMut(&mut dyn DeskTransaction) -> Result<T, RepositoryError>,
    ) -> Result<T, RepositoryError> {
        commit(&*self.0.office.store, work)
    }
}

/// Says which import a thread works on, or a request will, until it is dropped.
struct Active {
    imports: Imports,
    id: OperationId,
}

impl Active {
    fn enter(imports: &Imports, id: OperationId) -> Option<Self> {
        let mut active = imports.0.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.insert(id).then(|| Self { imports: imports.clone(), id })
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let active = &self.imports.0.active;
        active.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Brings an import, which is locked, to its end, with its entry where it has begun. Its file is no longer
/// needed.
pub(super) fn end(
    desk: &mut dyn DeskTransaction,
    import: Import,
    state: ImportState,
    now: DateTime<Utc>,
) -> Result<(), RepositoryError> {
    if state == ImportState::Done || import.has_begun() {
        let entry =
            JournalEntry::new(now, import.actor, Action::Imported, Some(*import.id.as_bytes()));
        let entry = JournalEntry { trace_id: import.trace_id, operation: Some(import.id), ..entry };
        let entry = entry.with("created", import.created.to_string());
        desk.append(&entry.with("updated", import.updated.to_string()))?;
    }
    desk.delete_file(import.id)?;
    desk.update_import(&Import { state, finished_at: Some(now), ..import })
}

/// Works on imports with many rows, and on those that a killed process left, for as long as it is polled.
pub async fn run_imports(imports: Imports) {
    let outage = Arc::new(Mutex::new(Outage::new("Imports not run")));
    let note = |outage: &Mutex<Outage>, result: Result<(), DeskError>| {
        let mut outage = outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.note(result.map_err(|error| error_chain(&error)));
    };
    let mut due = interval(LOOK_INTERVAL);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = imports.0.begun.notified() => {}
        }
        let look = imports.0.office.read(|desk| desk.unfinished_imports()).await;
        for id in look.as_deref().unwrap_or_default() {
            let (imports, outage, id) = (imports.clone(), Arc::clone(&outage), *id);
            // Beside each other: a long one does not hold up the others.
            tokio::spawn(async move { note(&outage, imports.work_on(id).await) });
        }
        note(&outage, look.map(drop));
    }
}

/// Deletes imports with their files and rows when they are too old, for as long as it is polled.
pub async fn delete_old_imports(imports: Imports) {
    let mut outage = Outage::new("Old imports not deleted");
    let mut due = interval(DELETE_INTERVAL);
    loop {
        due.tick().await;
        let this = imports.clone();
        let delete = move || {
            let cutoff = (this.0.now)() - Import::LIFETIME;
            while !this.write(|desk| desk.delete_old_imports(cutoff))? {}
            Ok(())
        };
        outage.note(flat(imports.0.threads.run(delete).await));
    }
}
