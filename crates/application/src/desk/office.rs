//! What every use case of the office runs on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use registration_domain::{
    Action, Actor, DeskStore, DeskTransaction, JournalEntry, RepositoryError, RosterFilter,
    Subject, TraceId,
};

use crate::threads::{NotRun, Threads};

/// Why the office gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Too much is asked of the office at once, or it took too long.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// The store gave no answer.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The store, and the threads that ask it.
#[derive(Clone)]
pub struct Office {
    /// Where everything is stored.
    pub store: Arc<dyn DeskStore>,
    /// The office's own threads.
    pub threads: Arc<Threads>,
    /// Those of its searches, which take the most of a server's processors.
    pub search_threads: Arc<Threads>,
}

/// What a request brings besides its body: time, randomness and trace.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext {
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// Random bytes for ids, salts and secrets.
    pub random: [u8; 64],
    /// The trace of the request.
    pub trace_id: Option<TraceId>,
}

impl RequestContext {
    /// Ten random bytes for an id.
    pub(super) fn id_bytes(&self) -> [u8; 10] {
        self.part::<0, 10>()
    }

    /// Ten random bytes for a second id.
    pub(super) fn other_id_bytes(&self) -> [u8; 10] {
        self.part::<10, 10>()
    }

    /// Sixteen random bytes for a salt.
    pub(super) fn salt(&self) -> [u8; 16] {
        self.part::<20, 16>()
    }

    /// Twenty-eight random bytes for a secret.
    pub(super) fn secret(&self) -> [u8; 28] {
        self.part::<36, 28>()
    }

    fn part<const START: usize, const LEN: usize>(&self) -> [u8; LEN] {
        let mut part = [0; LEN];
        part.copy_from_slice(&self.random[START..START + LEN]);
        part
    }

    /// An entry of the journal for this request.
    pub(super) fn entry(&self, actor: Actor, action: Action, subject: Subject) -> JournalEntry {
        let entry = JournalEntry::new(self.now, actor, action, Some(subject));
        JournalEntry { trace_id: self.trace_id, ..entry }
    }
}

impl Office {
    /// Runs `work`, which only reads, on one of the office's threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn DeskTransaction) -> Result<T, RepositoryError> + Send + 'static,
    ) -> Result<T, DeskError> {
        self.read_on(&self.threads, work).await
    }

    /// Reads the students that a filter finds, on a thread of the searches if it searches for words.
    pub(super) async fn list<T: Send + 'static>(
        &self,
        filter: &RosterFilter,
        work: impl Fn(&mut dyn DeskTransaction) -> Result<T, RepositoryError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let is_search = !filter.words.words().is_empty();
        self.read_on(if is_search { &self.search_threads } else { &self.threads }, work).await
    }

    async fn read_on<T: Send + 'static>(
        &self,
        threads: &Threads,
        work: impl Fn(&mut dyn DeskTransaction) -> Result<T, RepositoryError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let store = Arc::clone(&self.store);
        let run = move || registration_domain::read(&*store, work);
        Ok(threads.run(run).await??)
    }

    /// Runs `work` in one transaction on one of the office's threads; a refusal changes nothing.
    pub(super) async fn write<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn DeskTransaction) -> Result<Result<T, E>, RepositoryError>
        + Send
        + 'static,
    ) -> Result<Result<T, E>, DeskError> {
        let store = Arc::clone(&self.store);
        let run = move || registration_domain::write(&*store, work);
        Ok(self.threads.run(run).await??)
    }
}
